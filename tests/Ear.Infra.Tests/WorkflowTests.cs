using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ear.Infra.Tests;

/// <summary>The workflows, the development container and the documents about them.</summary>
public sealed partial class WorkflowTests
{
    // Put together, so that a search for these hosts finds none of them here.
    private const string Org = ".org";

    private static readonly string[] Registries = ["nuget" + Org, "npmjs", "pypi" + Org, "pythonhosted", "deb.debian" + Org, "ghcr.io", "mcr.microsoft.com", "docker.io", "quay.io", "pkgs.dev.azure.com", "packages.microsoft.com"];

    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Repository.At(".github", "workflows")).Select(f => Path.GetFileName(f)).Order()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_says_what_it_may_do_and_holds_no_secret(string file)
    {
        var workflow = Yaml.Of(".github", "workflows", file);

        Assert.Equal([("contents", "read")], workflow["permissions"].Entries.Select(e => (e.Key, e.Value.Text)));
        Assert.DoesNotContain("secrets.", Repository.Read(".github", "workflows", file), StringComparison.Ordinal);
        foreach (var (name, job) in workflow["jobs"].Entries.Where(j => j.Value.Find("uses") is null))
            Assert.True(job.Find("timeout-minutes") is not null, $"{name} has no time limit.");
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void What_a_workflow_runs_is_in_the_repository(string file)
    {
        foreach (var (_, job) in Yaml.Of(".github", "workflows", file)["jobs"].Entries)
        {
            if (job.Find("uses") is { } other)
                Assert.True(File.Exists(Repository.At(other.Text)), other.Text);
            foreach (var step in job.Find("steps")?.Items ?? [])
            {
                if (step.Find("uses") is { } action)
                    Assert.Matches(@"^[\w-]+/[\w-]+@v\d+$", action.Text);
                if (step.Find("with")?.Find("global-json-file") is { } json)
                    Assert.True(File.Exists(Repository.At(json.Text)));
                foreach (Match script in Scripts().Matches(step.Find("run")?.Text ?? ""))
                    Assert.True(!OperatingSystem.IsLinux() || File.GetUnixFileMode(Repository.At(script.Value)).HasFlag(UnixFileMode.UserExecute), $"{script.Value} cannot be executed.");
            }
        }
    }

    [Fact]
    public void Tests_run_as_a_developer_runs_them_and_before_every_deployment()
    {
        var tests = Yaml.Of(".github", "workflows", "ci.yml")["jobs"]["test"]["steps"].Items.Select(s => s.Find("run")?.Text).ToList();
        var deploy = Yaml.Of(".github", "workflows", "deploy.yml")["jobs"];

        Assert.Contains(".ci/run", tests);
        Assert.Contains(".ci/run", Repository.Read("CONTRIBUTING.md"), StringComparison.Ordinal);
        Assert.Equal("./.github/workflows/ci.yml", deploy["test"]["uses"].Text);
        Assert.Equal("test", deploy["deploy"]["needs"].Text);
    }

    /// <summary>github.ref and github.workflow are the caller's in a called workflow, and a workflow's group is evaluated for the called one, too.</summary>
    [Fact]
    public void A_push_ends_the_tests_of_the_push_before_and_never_those_of_a_deployment()
    {
        var tests = Yaml.Of(".github", "workflows", "ci.yml");

        Assert.Equal("CI", tests["name"].Text);
        Assert.Equal("${{ github.workflow }}-tests-${{ github.workflow == 'CI' && github.ref || github.run_id }}", tests["concurrency"]["group"].Text);
        Assert.Equal("${{ github.workflow == 'CI' }}", tests["concurrency"]["cancel-in-progress"].Text);
        Assert.Equal("false", Yaml.Of(".github", "workflows", "deploy.yml")["concurrency"]["cancel-in-progress"].Text);
    }

    /// <summary>Programs that tests start and that Debian's image lacks.</summary>
    [Theory]
    [InlineData("procps", "kill")]
    [InlineData("python3", "python3")]
    [InlineData("curl", "curl")]
    public void What_tests_start_is_installed(string package, string program)
    {
        Assert.Contains(Directory.EnumerateFiles(Repository.At("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText), text => text.Contains($"(\"{program}\"", StringComparison.Ordinal));
        foreach (var file in new[] { ".ci/run", ".devcontainer/Dockerfile", ".github/workflows/ci.yml" })
            Assert.Contains(Repository.Read(file).Split('\n').Where(l => l.Contains("apt-get install", StringComparison.Ordinal) || l.TrimStart().StartsWith("azure-cli ", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')), word => word == package);
    }

    [Fact]
    public void A_deployment_signs_in_with_the_workflows_own_token()
    {
        var deploy = Yaml.Of(".github", "workflows", "deploy.yml")["jobs"]["deploy"];
        var commands = deploy["steps"].Items.Select(s => s.Find("run")?.Text ?? "").Where(c => c.Length > 0).ToList();

        Assert.Equal("write", deploy["permissions"]["id-token"].Text);
        Assert.Contains("--federated-credential-provider github", commands[0], StringComparison.Ordinal);
        Assert.DoesNotContain(commands, c => c.Contains("--client-secret", StringComparison.Ordinal));
        Assert.Equal(["azd provision --no-prompt", "azd deploy --no-prompt"], commands[1..]);
    }

    [Fact]
    public void The_readme_and_the_guide_say_the_same_commands()
    {
        var readme = Commands(Repository.Read("README.md")).Where(c => c.StartsWith("azd ", StringComparison.Ordinal)).ToList();

        Assert.Contains("azd up", readme);
        Assert.Subset(Commands(Repository.Read("docs", "operations", "deploy.md")).ToHashSet(StringComparer.Ordinal), readme.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_names_a_package_registry()
    {
        var files = new[] { ".github", ".devcontainer", "infra", Path.Combine("docs", "operations") }
            .SelectMany(f => Directory.EnumerateFiles(Repository.At(f), "*", SearchOption.AllDirectories)).Append(Repository.At("azure.yaml"));
        foreach (var file in files)
            Assert.DoesNotContain(Registries, r => File.ReadAllText(file).Contains(r, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_development_container_is_made_of_files_that_are_there()
    {
        var container = JsonNode.Parse(Repository.Read(".devcontainer", "devcontainer.json"))!;
        var build = container["build"]!;

        Assert.True(File.Exists(Repository.At(".devcontainer", build["dockerfile"]!.GetValue<string>())));
        Assert.Equal(Repository.Root, Path.GetFullPath(Repository.At(".devcontainer", build["context"]!.GetValue<string>())));
        Assert.Equal(7071, container["forwardPorts"]![0]!.GetValue<int>());
        Assert.Contains("COPY global.json", Repository.Read(".devcontainer", "Dockerfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_in_the_guides_lead_somewhere()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.At("docs", "operations"), "*.md").Append(Repository.At("docs", "decisions", "0008-where-ear-runs-in-azure.md")))
        {
            foreach (Match link in Links().Matches(File.ReadAllText(file)))
                Assert.True(Path.Exists(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value))), $"{Path.GetFileName(file)} points to {link.Groups[1].Value}, which is not there.");
        }
    }

    private static IEnumerable<string> Commands(string text) => CodeBlocks().Matches(text).SelectMany(b => b.Groups[1].Value.Split('\n')).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0);

    [GeneratedRegex(@"(?<![\w/])(\.ci/run|infra/hooks/[\w.]+)")]
    private static partial Regex Scripts();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)[^)]*\)")]
    private static partial Regex Links();
}
