using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Ear.Architecture.Tests;

/// <summary>ADR-0001: under UseCloudPackages=true the app stands on the official packages alone.</summary>
public sealed partial class CloudBuildTests
{
    private static readonly string[] App = ["Ear", "Ear.Providers", "Ear.Functions"];

    /// <summary>Packages that come with others.</summary>
    private static readonly Dictionary<string, string> ComesWith = new(StringComparer.Ordinal)
    {
        ["Microsoft.Azure.Functions.Worker.Core"] = "Microsoft.Azure.Functions.Worker",
        ["Microsoft.Azure.Functions.Worker.Extensions.Abstractions"] = "Microsoft.Azure.Functions.Worker.Extensions.Timer",
        ["Microsoft.Azure.Functions.Worker.Extensions.Http"] = "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
        ["Microsoft.DurableTask.Abstractions"] = "Microsoft.Azure.Functions.Worker.Extensions.DurableTask",
        ["Microsoft.DurableTask.Client"] = "Microsoft.Azure.Functions.Worker.Extensions.DurableTask",
    };

    /// <summary>Named as its namespace; its members are not in the recorded list, and compared with the package itself (Ear.CloudBuild.Tests).</summary>
    private const string Unrecorded = "Microsoft.Azure.Functions.Worker.OpenTelemetry";

    [Theory]
    [InlineData("Ear")]
    [InlineData("Ear.Providers")]
    [InlineData("Ear.Functions")]
    public async Task A_project_of_the_app_references_nothing_of_the_local_build(string project)
    {
        var (cloud, local) = (await ItemsAsync(project, cloud: true), await ItemsAsync(project, cloud: false));

        Assert.DoesNotContain(cloud.Projects, p => p.Replace('\\', '/').Contains("/local/", StringComparison.Ordinal));
        Assert.All(cloud.Projects, p => Assert.Contains(Path.GetFileNameWithoutExtension(p.Replace('\\', '/')), App));
        // The same sources, and the same packages beside the official ones.
        Assert.Equal(local.Sources, cloud.Sources);
        Assert.Superset(local.Packages.Keys.ToHashSet(), cloud.Packages.Keys.ToHashSet());
        Assert.All(cloud.Packages, p => Assert.True(cloud.Versions.ContainsKey(p.Key), $"{p.Key} has no version in Directory.Packages.props."));
    }

    [Fact]
    public async Task The_functions_app_is_a_program_with_the_worker_s_sdk_and_its_host_json()
    {
        var app = await ItemsAsync("Ear.Functions", cloud: true);

        Assert.Equal("Exe", app.Properties["OutputType"]);
        Assert.Equal("v4", app.Properties["AzureFunctionsVersion"]);
        Assert.Contains("Microsoft.Azure.Functions.Worker.Sdk", app.Packages.Keys);
        Assert.Equal("PreserveNewest", app.Copied["host.json"]);
        // For a Functions host on this machine, where it exists; it may hold secrets, so it is never published.
        var settings = Assert.Single(XDocument.Load(Path.Combine(Root, "functions", "Ear.Functions", "Ear.Functions.csproj")).Descendants("None"), i => (string?)i.Attribute("Link") == "local.settings.json");
        Assert.Equal(("PreserveNewest", "Never"), ((string?)settings.Attribute("CopyToOutputDirectory"), (string?)settings.Attribute("CopyToPublishDirectory")));
    }

    [Fact]
    public async Task The_scheduler_s_package_is_there_where_the_deployment_chooses_the_scheduler()
    {
        const string package = "Microsoft.Azure.Functions.Worker.Extensions.DurableTask.AzureManaged";
        var (with, without) = (await ItemsAsync("Ear.Functions", cloud: true, "-p:UseDurableTaskScheduler=true"), await ItemsAsync("Ear.Functions", cloud: true));

        Assert.Contains(package, with.Packages.Keys);
        Assert.Contains(package, with.Versions.Keys);
        Assert.DoesNotContain(package, without.Packages.Keys);
        // The hook asks for it by the variable that chooses the backend in the template's parameters.
        Assert.Contains("\"${EAR_DURABLE_BACKEND:-}\" != DurableTaskScheduler ] || export UseDurableTaskScheduler=true", await File.ReadAllTextAsync(Path.Combine(Root, "infra", "hooks", "package.sh"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("${EAR_DURABLE_BACKEND=", await File.ReadAllTextAsync(Path.Combine(Root, "infra", "main.parameters.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>Each type of Ear.Sdk that the app uses is in a package that the cloud build references, at the recorded version or a later one of the same major.</summary>
    [Fact]
    public async Task Every_type_of_Ear_Sdk_that_the_app_uses_comes_from_a_referenced_package()
    {
        var spec = Path.Combine(Root, "..", "shared", "spec", "package-surface.txt");
        Assert.SkipUnless(File.Exists(spec), "../shared/spec/package-surface.txt, the public API of the official packages, is not beside this repository.");
        var owners = Owners(File.ReadLines(spec));
        foreach (var project in new[] { "Ear.Providers", "Ear.Functions" })
        {
            var items = await ItemsAsync(project, cloud: true);
            var inherited = project == "Ear.Functions" ? (await ItemsAsync("Ear.Providers", cloud: true)).Packages.Keys : Enumerable.Empty<string>();
            var there = items.Packages.Keys.Concat(inherited).ToHashSet(StringComparer.Ordinal);
            var used = UsedOfSdk(Path.Combine(AppContext.BaseDirectory, $"{project}.dll")).ToList();

            Assert.True(used.Count > 10, $"{project} uses {used.Count} types of Ear.Sdk.");
            foreach (var type in used.Where(t => !t.StartsWith("Google.Cloud.Kms.V1.", StringComparison.Ordinal) && !t.StartsWith($"{Unrecorded}.", StringComparison.Ordinal)))
            {
                Assert.True(owners.TryGetValue(type, out var owner), $"{type} is in no official package.");
                Assert.Contains(ComesWith.GetValueOrDefault(owner.Package, owner.Package), there);
                if (owner.Version is { } recorded && items.Versions.TryGetValue(owner.Package, out var pinned))
                    Assert.True(Version.Parse(pinned).Major == recorded.Major && Version.Parse(pinned) >= new Version(recorded.Major, recorded.Minor), $"{owner.Package} is pinned to {pinned}; recorded is {recorded}.");
            }
            if (used.Exists(t => t.StartsWith($"{Unrecorded}.", StringComparison.Ordinal)))
                Assert.Contains(Unrecorded, there);
            if (used.Exists(t => t.StartsWith("Google.Cloud.Kms.V1.", StringComparison.Ordinal)))
                Assert.Contains("Google.Cloud.Kms.V1", there);
        }
    }

    private static string Root
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
                at = at.Parent ?? throw new InvalidOperationException("Ear.Functions.sln is not above this test program.");
            return at.FullName;
        }
    }

    private static async Task<Evaluated> ItemsAsync(string project, bool cloud, string more = "-p:UseDurableTaskScheduler=false")
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            ArgumentList =
            {
                "msbuild", Path.Combine(Root, "functions", project, $"{project}.csproj"), "-nologo", "-nodeReuse:false",
                "-getItem:PackageReference,ProjectReference,PackageVersion,Compile,None", "-getProperty:OutputType,AzureFunctionsVersion",
                $"-p:UseCloudPackages={(cloud ? "true" : "false")}", more,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{output}\n{await errors}");
        return new(JsonNode.Parse(output)!.AsObject());
    }

    /// <summary>"# Package 1.2.3.0" opens the list of a package; a line without a signature is a type.</summary>
    private static Dictionary<string, (string Package, Version? Version)> Owners(IEnumerable<string> lines)
    {
        var owners = new Dictionary<string, (string, Version?)>(StringComparer.Ordinal);
        (string, Version?) package = ("", null);
        foreach (var line in lines)
        {
            if (Heading().Match(line) is { Success: true } heading)
                package = (heading.Groups[1].Value, heading.Groups[2].Success ? Version.Parse(heading.Groups[2].Value) : null);
            else if (!line.StartsWith('#') && !line.Contains(' ', StringComparison.Ordinal) && line.Length > 0)
                owners.TryAdd(line.Split('<')[0], package);
        }
        return owners;
    }

    private static IEnumerable<string> UsedOfSdk(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            if (type.ResolutionScope.Kind != HandleKind.AssemblyReference
                || metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) != "Ear.Sdk")
                continue;
            yield return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name).Split('`')[0]}";
        }
    }

    [GeneratedRegex(@"^# ([A-Za-z0-9]+(?:\.[A-Za-z0-9]+)+)(?: (\d+(?:\.\d+){1,3}))?$", RegexOptions.None, 1000)]
    private static partial Regex Heading();

    private sealed class Evaluated(JsonObject answer)
    {
        public IReadOnlyDictionary<string, string> Properties { get; } = answer[nameof(Properties)]!.AsObject().ToDictionary(p => p.Key, p => p.Value!.GetValue<string>());

        public IReadOnlyList<string> Projects => [.. Items("ProjectReference").Select(i => Text(i, "FullPath"))];

        public IReadOnlyDictionary<string, string> Packages => Items("PackageReference").ToDictionary(i => Text(i, "Identity"), i => Text(i, "PrivateAssets"));

        public IReadOnlyDictionary<string, string> Versions => Items("PackageVersion").ToDictionary(i => Text(i, "Identity"), i => Text(i, "Version"));

        public IReadOnlyList<string> Sources => [.. Items("Compile").Select(i => Text(i, "Identity")).Order(StringComparer.Ordinal)];

        public IReadOnlyDictionary<string, string> Copied => Items("None").Where(i => Text(i, "Link").Length > 0).ToDictionary(i => Text(i, "Link"), i => Text(i, "CopyToOutputDirectory"));

        private IEnumerable<JsonObject> Items(string kind) => answer["Items"]![kind]!.AsArray().Select(i => i!.AsObject());

        private static string Text(JsonObject item, string name) => item[name]?.GetValue<string>() ?? "";
    }
}
