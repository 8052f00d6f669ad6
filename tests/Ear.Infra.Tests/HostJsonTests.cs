using System.Text.Json.Nodes;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>What scales the app reads the task hub and its backend in the package's host.json, and never in a setting. So packing writes them there.</summary>
public sealed class HostJsonTests(Scenes scenes)
{
    [Fact]
    public async Task A_package_keeps_its_orchestrations_where_the_variables_say()
    {
        var (said, durable) = await WrittenAsync(("EAR_TASK_HUB", "EarTasks2"), ("EAR_DURABLE_BACKEND", "DurableTaskScheduler"));

        Assert.True(said.Code == 0, said.Error);
        Assert.Equal("EarTasks2", durable["hubName"]!.GetValue<string>());
        Assert.Equal("azureManaged", durable["storageProvider"]!["type"]!.GetValue<string>());
        Assert.Contains(durable["storageProvider"]!["connectionStringName"]!.GetValue<string>(), (await scenes.Everything).Settings.Keys);
        Assert.Equal(32, durable["maxConcurrentActivityFunctions"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_package_without_variables_is_in_the_hub_of_the_template_and_in_storage()
    {
        var (said, durable) = await WrittenAsync(("EAR_TASK_HUB", ""), ("EAR_DURABLE_BACKEND", ""));

        Assert.True(said.Code == 0, said.Error);
        Assert.Equal(JsonNode.Parse((await scenes.Main).Output)!["parameters"]!["taskHubName"]!["defaultValue"]!.GetValue<string>(), durable["hubName"]!.GetValue<string>());
        Assert.Null(durable["storageProvider"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Repository.Read("host.json"))!["extensions"]!["durableTask"], durable));
    }

    [Theory]
    [InlineData("EAR_TASK_HUB", "ear-tasks")]
    [InlineData("EAR_DURABLE_BACKEND", "Netherite")]
    public async Task What_no_host_can_read_is_not_packed(string variable, string value)
    {
        var (said, durable) = await WrittenAsync((variable, value));

        Assert.Equal(1, said.Code);
        Assert.Contains(variable, said.Error, StringComparison.Ordinal);
        Assert.Equal("EarTasks", durable["hubName"]!.GetValue<string>());
    }

    /// <summary>azd passes the values of its environment to a hook, and the workflow's variables are its environment.</summary>
    [Fact]
    public void What_packing_reads_is_given_by_the_workflow_and_packing_writes_the_file_that_is_deployed()
    {
        var given = Yaml.Of(".github", "workflows", "deploy.yml")["jobs"]["deploy"]["env"].Entries.Select(e => e.Key).ToList();

        Assert.Contains("EAR_TASK_HUB", given);
        Assert.Contains("EAR_DURABLE_BACKEND", given);
        Assert.EndsWith($"\npython3 infra/hooks/host_json.py {Yaml.Of("azure.yaml")["services"]["ear"]["dist"].Text}/host.json\n", Repository.Read("infra", "hooks", "package.sh"), StringComparison.Ordinal);
    }

    private static async Task<(Said Said, JsonNode Durable)> WrittenAsync(params (string Name, string Value)[] variables)
    {
        var folder = Directory.CreateTempSubdirectory("ear-host-").FullName;
        try
        {
            var file = Path.Combine(folder, "host.json");
            File.Copy(Repository.At("host.json"), file);
            var said = await Script.PythonAsync(Repository.At("infra", "hooks", "host_json.py"), file, variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal));
            return (said, JsonNode.Parse(await File.ReadAllTextAsync(file))!["extensions"]!["durableTask"]!);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
