using System.Diagnostics;

namespace Ear.Agent.Tests.Kmip;

/// <summary>An outside client, PyKMIP, replays both of mongod's sequences (spec dataplane §3.1, §3.3) against the bridge.</summary>
public sealed class PyKmipTests
{
    private const string Python = "/usr/bin/python3";
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly Lazy<bool> Available = new(() => File.Exists(Python) && Run("-c", "import kmip.pie.client").ExitCode == 0);

    [Theory]
    [InlineData("KMIP_1_0")]
    [InlineData("KMIP_1_2")]
    [InlineData("KMIP_1_4")]
    public async Task Perconas_sequence_registers_activates_and_reads_back_its_key(string version)
    {
        await using var bridge = Bridge();
        var lines = Replay(bridge, version, "percona");
        Assert.Equal([$"uid {bridge.Keys.Registered[0]}", "activated", "state ACTIVE", $"key {Convert.ToHexStringLower(Key)}", "done"], lines);
    }

    [Theory]
    [InlineData("KMIP_1_0")]
    [InlineData("KMIP_1_2")]
    [InlineData("KMIP_1_4")]
    public async Task Enterprises_sequence_creates_activates_and_reads_its_key(string version)
    {
        await using var bridge = Bridge();
        var lines = Replay(bridge, version, "enterprise");
        var id = bridge.Keys.Registered[0];
        Assert.Equal([$"uid {id}", "activated", "state ACTIVE", $"key {Convert.ToHexStringLower(bridge.Keys.Plaintext(id))}", "done"], lines);
    }

    [Fact]
    public async Task An_outage_keeps_the_state_and_fails_the_key_in_general()
    {
        await using var bridge = Bridge();
        bridge.Keys.Add("1", Key);
        bridge.Keys.Outage = true;
        Assert.Equal(["state ACTIVE", "key failed GENERAL_FAILURE", "done"], Replay(bridge, "KMIP_1_0", "later", "1"));
        Assert.Equal(["state failed GENERAL_FAILURE", "key failed GENERAL_FAILURE", "done"], Replay(bridge, "KMIP_1_0", "later", "2"));
    }

    [Fact]
    public async Task A_revoked_customer_key_is_deactivated_and_denied()
    {
        await using var bridge = Bridge();
        bridge.Keys.Add("1", Key);
        bridge.Keys.CustomerKeyInvalid = true;
        Assert.Equal(["state DEACTIVATED", "key failed PERMISSION_DENIED", "done"], Replay(bridge, "KMIP_1_2", "later", "1"));
    }

    [Fact]
    public async Task A_key_that_never_was_is_not_found_and_the_others_are_located()
    {
        await using var bridge = Bridge();
        bridge.Keys.Add("1", Key);
        bridge.Keys.Add("2", Key);
        Assert.Equal(
            ["state failed ITEM_NOT_FOUND", "key failed ITEM_NOT_FOUND", "located 1,2", "done"],
            Replay(bridge, "KMIP_1_4", "locate", "nosuch"));
    }

    private static RunningBridge Bridge()
    {
        if (!Available.Value)
        {
            const string why = "PyKMIP is not installed for /usr/bin/python3 (Debian: apt-get install python3-pykmip).";
            if (Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
                Assert.Fail(why);
            Assert.Skip(why);
        }

        return new RunningBridge();
    }

    private static string[] Replay(RunningBridge bridge, string version, string sequence, params string[] more)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Kmip", "pykmip_client.py");
        var (exitCode, output, error) = Run(
            [script, $"{bridge.Port}", bridge.Certificates.CaFile, bridge.Certificates.ClientFile, version, sequence, .. more]);
        Assert.True(exitCode == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill();
            Assert.Fail($"PyKMIP did not end within a minute: {string.Join(' ', arguments)}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
