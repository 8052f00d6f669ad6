using Ear.Agent.Settings;
using Ear.Agent.Tests.Fakes;

namespace Ear.Agent.Tests.Settings;

public sealed class AgentSettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_is_read_and_the_command_line_wins()
    {
        Write("""
            {
              "controlPlane": "https://ear.example.com/base", "projectId": "5f0000000000000000000001", "nodeId": "6e0000000000000000000001",
              "mongod": "/usr/bin/mongod", "host": "n0.example.com", "bindIp": "0.0.0.0", "port": 27017, "kmipPort": 5696, "stopMongodWithAgent": true
            }
            """);
        var (settings, faults) = AgentSettings.Read(["--data", folder.Path, "--port", "27018"], "/elsewhere/mongod");
        Assert.Empty(faults);
        Assert.Equal((27018, 5696, "n0.example.com", "/usr/bin/mongod", true), (settings!.Port, settings.KmipPort, settings.Host, settings.Mongod, settings.StopMongodWithAgent));
        Assert.Equal(folder["enrolment.token"], settings.EnrolmentTokenFile);
    }

    [Fact]
    public void Without_a_file_defaults_and_EAR_MONGOD_hold()
    {
        var (settings, faults) = AgentSettings.Read(
            ["--data", folder.Path, "--controlPlane", "http://127.0.0.1:7071", "--projectId", "5f0000000000000000000001", "--nodeId", "6e0000000000000000000001"], "/elsewhere/mongod");
        Assert.Empty(faults);
        Assert.Equal(("/elsewhere/mongod", "127.0.0.1", 0, 0, false), (settings!.Mongod, settings.Host, settings.Port, settings.KmipPort, settings.StopMongodWithAgent));
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        Write("""{ "controlPlane": "http://ear.example.com", "projectId": "x", "port": 70000, "stopMongodWithAgent": "perhaps" }""");
        var (settings, faults) = AgentSettings.Read(["--data", folder.Path], null);
        Assert.Null(settings);
        Assert.Equal(["controlPlane", "projectId", "nodeId", "port", "stopMongodWithAgent"], faults.Select(fault => fault.Split(' ')[0]));
    }

    [Fact]
    public void A_torn_file_is_named()
    {
        Write("{ \"controlPlane\": ");
        var (settings, faults) = AgentSettings.Read(["--data", folder.Path], null);
        Assert.Null(settings);
        Assert.Contains("agent.json", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_data_folder_it_says_how_to_name_one() =>
        Assert.Contains("--data", Assert.Single(AgentSettings.Read([], null).Faults), StringComparison.Ordinal);

    private void Write(string json) => File.WriteAllText(folder["agent.json"], json);
}
