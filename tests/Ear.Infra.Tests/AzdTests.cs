using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>azure.yaml, the parameters that azd fills in, and what it runs.</summary>
public sealed partial class AzdTests(Scenes scenes)
{
    private static readonly Yaml Azd = Yaml.Of("azure.yaml");

    [Fact]
    public void What_azd_is_told_to_use_is_there()
    {
        Assert.True(File.Exists(Repository.At(Azd["infra"]["path"].Text, $"{Azd["infra"]["module"].Text}.bicep")));
        var hooks = Azd["hooks"].Entries.Concat(Azd["services"]["ear"]["hooks"].Entries).ToList();
        Assert.Equal(["postdeploy", "prepackage", "preprovision"], hooks.Select(h => h.Key).Order(StringComparer.Ordinal));
        foreach (var (_, hook) in hooks)
        {
            Assert.Equal("sh", hook["shell"].Text);
            Assert.True(!OperatingSystem.IsLinux() || File.GetUnixFileMode(Repository.At(hook["run"].Text)).HasFlag(UnixFileMode.UserExecute), $"{hook["run"].Text} cannot be executed.");
        }
    }

    [Fact]
    public void What_azd_packs_is_the_build_for_the_cloud()
    {
        var service = Azd["services"]["ear"];
        var script = Repository.Read(service["hooks"]["prepackage"]["run"].Text);

        Assert.Equal(("function", "custom", "."), (service["host"].Text, service["language"].Text, service["project"].Text));
        Assert.Contains("-p:UseCloudPackages=true", script, StringComparison.Ordinal);
        Assert.Contains($"--output {service["dist"].Text} ", script, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.At(Published().Match(script).Groups[1].Value, "Ear.Functions.csproj")));
        Assert.Contains("/dist/", Repository.Read(".gitignore").Split('\n'));
    }

    [Fact]
    public async Task Every_parameter_that_azd_fills_in_is_one_of_the_template_with_the_same_default()
    {
        var template = JsonNode.Parse((await scenes.Main).Output)!["parameters"]!.AsObject();
        foreach (var (name, given) in JsonNode.Parse(Repository.Read("infra", "main.parameters.json"))!["parameters"]!.AsObject())
        {
            Assert.True(template.ContainsKey(name), $"main.bicep has no parameter {name}.");
            var variable = Variable().Match(given!["value"]!.GetValue<string>());
            Assert.True(variable.Success, $"{name} is no variable of azd.");
            if (template[name]!["defaultValue"] is { } byDefault)
                Assert.Equal((name, byDefault.ToJsonString().Trim('"')), (name, variable.Groups["default"].Value));
        }
    }

    [Fact]
    public void Every_variable_is_explained_and_given_by_the_workflow()
    {
        var guide = Repository.Read("docs", "operations", "deploy.md");
        var given = Yaml.Of(".github", "workflows", "deploy.yml")["jobs"]["deploy"]["env"].Entries.ToDictionary(e => e.Key, e => e.Value.Text);
        foreach (Match variable in Variable().Matches(Repository.Read("infra", "main.parameters.json")))
        {
            var name = variable.Groups["name"].Value;
            Assert.Contains($"`{name}`", guide, StringComparison.Ordinal);
            Assert.Equal($"${{{{ vars.{name} }}}}", given[name]);
        }
    }

    private const string Mail = """{"name":"Ear__Smtp__Host","value":"smtp.example.org"},{"name":"Ear__Smtp__From","value":"Ear <ear@example.org>"}""";

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.81.0.0/24"}]""", 0)]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2","addressPrefix":"10.80.3.0/24"}]""", 1, "overlap")]
    [InlineData("EAR_REGIONS", """[{"name":"US_EAST_2","location":"eastus2"}]""", 1, "addressPrefix")]
    [InlineData("EAR_REGIONS", "eastus2", 1, "no JSON")]
    [InlineData("EAR_ADDRESS_PREFIX", "10.80.0.0/24", 1, "take a /22")]
    [InlineData("EAR_SETTINGS", $$"""[{{Mail}},{"name":"Ear__Http__BodyLimitBytes","value":"65536"}]""", 0)]
    [InlineData("EAR_SETTINGS", $$"""[{{Mail}},{"name":"Ear__Http__BodyLimit","value":"65536"}]""", 1, "reads no setting Ear__Http__BodyLimit")]
    [InlineData("EAR_SETTINGS", "", 1, "Ear__Smtp__Host is missing")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__Smtp__Host","value":"smtp.example.org"},{"name":"Ear__Smtp__From","value":""}]""", 1, "Ear__Smtp__From is missing")]
    [InlineData("EAR_SETTINGS", """[{"name":"Ear__AwsKms__SecretAccessKey","value":"x"}]""", 1, "is a secret")]
    [InlineData("EAR_SETTINGS_FROM_VAULT", """[{"name":"Ear__AwsKms__SecretAccessKey","secret":"aws"}]""", 0)]
    [InlineData("AZURE_LOCATION", "", 1, "AZURE_LOCATION is not set")]
    public async Task Wrong_parameters_are_found_before_anything_is_made(string variable, string value, int code, string said = "")
    {
        var variables = new Dictionary<string, string> { ["AZURE_ENV_NAME"] = "orders", ["AZURE_LOCATION"] = "northeurope", ["EAR_SETTINGS"] = $"[{Mail}]" };
        if (variable.Length > 0)
            variables[variable] = value;

        var result = await Script.RunAsync("infra/hooks/preprovision.sh", variables);

        Assert.True(result.Code == code, result.Error);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    /// <summary>What it prints is run by a person; so it is run here, up to the programs that would reach Azure.</summary>
    [Fact]
    public async Task After_a_deployment_the_command_of_the_first_access_is_printed_and_not_run()
    {
        var bin = Directory.CreateTempSubdirectory("ear-hooks-");
        try
        {
            Program("az", """echo "$*" >> "$0.called"; echo MASTER""");
            Program("curl", """
                echo "$*" >> "$0.called"
                case "$*" in
                  *--header\ @-*) cat; echo "$*" ;;
                  *openapi.json*) printf 200 ;;
                  *) printf 401 ;;
                esac
                """);
            var variables = new Dictionary<string, string>
            {
                ["PATH"] = $"{bin.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
                ["EAR_URL"] = "https://ear.example.net",
                ["EAR_APP_NAME"] = "func-ear-orders",
                ["AZURE_RESOURCE_GROUP"] = "rg-orders",
            };

            var said = await Script.RunAsync("infra/hooks/postdeploy.sh", variables);

            Assert.True(said.Code == 0, said.Error);
            Assert.False(File.Exists(Path.Combine(bin.FullName, "az.called")), "The keys were read.");
            Assert.DoesNotContain("firstAccess", await File.ReadAllTextAsync(Path.Combine(bin.FullName, "curl.called"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
            var command = Path.Combine(bin.FullName, "command.sh");
            await File.WriteAllTextAsync(command, said.Output[said.Output.IndexOf("  az ", StringComparison.Ordinal)..], TestContext.Current.CancellationToken);
            var run = await Script.RunAsync(command, variables);
            Assert.True(run.Code == 0, run.Error);
            Assert.StartsWith("x-functions-key: MASTER\n", run.Output, StringComparison.Ordinal);
            Assert.EndsWith("""--data {"ownerEmails":["YOU@EXAMPLE.ORG"]} https://ear.example.net/api/operator/v1/firstAccess""" + "\n", run.Output, StringComparison.Ordinal);
            Assert.Contains("--resource-group rg-orders --name func-ear-orders", await File.ReadAllTextAsync(Path.Combine(bin.FullName, "az.called"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            bin.Delete(recursive: true);
        }

        void Program(string name, string body)
        {
            var path = Path.Combine(bin.FullName, name);
            File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_shell_understands_the_hooks()
    {
        foreach (var script in Directory.EnumerateFiles(Repository.At("infra", "hooks"), "*.sh"))
        {
            var said = await Script.ParseAsync(script);
            Assert.Equal((0, ""), (said.Code, said.Error));
        }
    }

    [GeneratedRegex(@"dotnet publish (\S+)")]
    private static partial Regex Published();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(=(?<default>[^}]*))?\}")]
    private static partial Regex Variable();
}
