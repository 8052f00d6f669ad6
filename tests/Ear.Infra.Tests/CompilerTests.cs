using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>What the compiler says of the templates.</summary>
public sealed class CompilerTests(Scenes scenes)
{
    private static readonly string Compiled = Repository.At("functions", "Ear.Providers", "AzurePrivateLink", "keyVaultPrivateEndpoint.json");

    [Fact]
    public async Task The_templates_compile_and_lint_without_a_word()
    {
        foreach (var said in new[] { await scenes.Main, await scenes.Endpoint })
            Assert.Equal((0, ""), (said.Code, said.Error.Trim()));
    }

    [Fact]
    public void No_file_is_left_out_of_that()
    {
        var used = Sources().SelectMany(f => Regex.Matches(File.ReadAllText(f), @"(?:^module \w+|from) '([^']+\.bicep)'", RegexOptions.Multiline)
            .Select(m => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(f)!, m.Groups[1].Value))));

        Assert.Equal(Sources().Order(StringComparer.Ordinal),
            used.Append(Path.Combine(Repository.Infra, "main.bicep")).Append(Path.Combine(Repository.Infra, "modules", "keyVaultPrivateEndpoint.bicep")).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_files_are_formatted()
    {
        var copy = Directory.CreateTempSubdirectory("ear-format-").FullName;
        try
        {
            foreach (var file in Sources())
            {
                var there = Path.Combine(copy, Path.GetRelativePath(Repository.Infra, file));
                Directory.CreateDirectory(Path.GetDirectoryName(there)!);
                File.Copy(file, there);
            }
            await Bicep.RunAsync("format", "--pattern", Path.Combine(copy, "**", "*.bicep"));
            foreach (var file in Sources())
                Assert.True(File.ReadAllText(file) == File.ReadAllText(Path.Combine(copy, Path.GetRelativePath(Repository.Infra, file))), $"bicep format {Path.GetRelativePath(Repository.Root, file)}");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>The compiler knows the types of every API version; only so does silence above say that each version exists and has the properties set.</summary>
    [Theory]
    [InlineData("resource a 'Microsoft.Storage/storageAccounts@2025-06-99' existing = { name: 'abc' }", "BCP081")]
    [InlineData("resource a 'Microsoft.Storage/storageAccounts@2025-06-01' = { name: 'abc', location: 'x', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, properties: { noSuchThing: 1 } }", "BCP037")]
    [InlineData("param unused string", "no-unused-params")]
    public async Task The_compiler_would_say_so(string text, string rule)
    {
        var folder = Directory.CreateTempSubdirectory("ear-lint-").FullName;
        try
        {
            File.Copy(Path.Combine(Repository.Infra, "bicepconfig.json"), Path.Combine(folder, "bicepconfig.json"));
            var file = Path.Combine(folder, "main.bicep");
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

            Assert.Contains(rule, (await Bicep.TryAsync("build", file, "--stdout")).Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_rule_of_the_linter_is_an_error()
    {
        var rules = JsonNode.Parse(Repository.Read("infra", "bicepconfig.json"))!["analyzers"]!["core"]!["rules"]!.AsObject();

        // Versions are taken anew on purpose, not because half a year has passed.
        Assert.Equal(["use-recent-api-versions"], rules.Where(r => r.Value!["level"]!.GetValue<string>() != "error").Select(r => r.Key));
        Assert.True(rules.Count > 30);
    }

    [Fact]
    public async Task The_app_carries_what_the_module_of_private_endpoints_compiles_to()
    {
        var compiled = JsonNode.Parse((await scenes.Endpoint).Output)!;
        var carried = JsonNode.Parse(await File.ReadAllTextAsync(Compiled, TestContext.Current.CancellationToken))!;
        compiled.AsObject().Remove("metadata");
        carried.AsObject().Remove("metadata");

        Assert.True(JsonNode.DeepEquals(compiled, carried),
            "Compile it anew: bicep build infra/modules/keyVaultPrivateEndpoint.bicep --outfile functions/Ear.Providers/AzurePrivateLink/keyVaultPrivateEndpoint.json");
    }

    [Fact]
    public void The_connection_to_a_customers_vault_waits_for_the_customer()
    {
        var template = JsonNode.Parse(File.ReadAllText(Compiled))!;
        var endpoint = template["resources"]!.AsArray().Single(r => r!["type"]!.GetValue<string>() == "Microsoft.Network/privateEndpoints")!["properties"]!.AsObject();

        Assert.False(endpoint.ContainsKey("privateLinkServiceConnections"));
        Assert.Equal("vault", endpoint["manualPrivateLinkServiceConnections"]!.AsArray().Single()!["properties"]!["groupIds"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal(["keyVaultResourceId", "location", "privateDnsZoneId", "privateEndpointName", "requestMessage", "subnetId", "tags"],
            template["parameters"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["privateEndpointId"], template["outputs"]!.AsObject().Select(o => o.Key));
    }

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(Repository.Infra, "*.bicep", SearchOption.AllDirectories);
}
