using Ear.Mongod.Kmip;
using MongoDB.Bson;

namespace Ear.Mongod.Tests;

public sealed class KmipTests : IAsyncLifetime
{
    private const int EncryptionError = 1001 & 0xff;
    private readonly TempFolder _folder = new();
    private FakeKmipServer _kmip = null!;
    private MongodProcess _mongod = null!;

    public ValueTask InitializeAsync()
    {
        _kmip = new FakeKmipServer(_folder);
        _mongod = MongodProcess.Prepare(_folder["db"], _kmip.Options);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _mongod.DisposeAsync();
        await _kmip.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_first_start_registers_and_activates_a_key_and_the_next_asks_for_its_state_and_bytes()
    {
        await _mongod.StartAsync();
        Assert.Equal(["Register", "Activate"], _kmip.Seen.Take(2));
        Assert.Equal("key-1", _mongod.Run("{serverStatus: 1}")["encryptionAtRest"]["encryptionKeyId"]);
        await _mongod.TerminateAsync();
        _kmip.Seen.Clear();
        await _mongod.StartAsync();
        Assert.Equal(["GetAttributes", "Get"], _kmip.Seen.Take(2));
    }

    [Fact]
    public async Task A_key_that_is_deactivated_ends_the_running_server_cleanly()
    {
        await _mongod.StartAsync();
        _kmip.Set("key-1", KeyState.Deactivated);
        await _mongod.EndedAsync();
        Assert.Equal(EncryptionError, _mongod.ExitCode);
        Assert.Contains("not in the active state", _mongod.Log());
        Assert.Contains("Now exiting", _mongod.Log());

        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        _kmip.Set("key-1", KeyState.Active);
        await _mongod.StartAsync();
    }

    [Fact]
    public async Task A_key_that_is_absent_ends_the_running_server_too()
    {
        await _mongod.StartAsync();
        _kmip.Keys.Clear();
        await _mongod.EndedAsync();
        Assert.Equal(EncryptionError, _mongod.ExitCode);
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        Assert.Contains("Cannot start. Master encryption key is absent", _mongod.Log());
    }

    [Fact]
    public async Task A_server_that_only_fails_stops_nothing_that_runs_but_lets_nothing_start()
    {
        await _mongod.StartAsync();
        _kmip.Fails = true;
        _kmip.Seen.Clear();
        await Until.TrueAsync(() => _kmip.Seen.Count(s => s == "GetAttributes") >= 2, TimeSpan.FromSeconds(10), _mongod.Log);
        Assert.Equal(1.0, _mongod.Run("{ping: 1}")["ok"]);
        Assert.Contains("Data-at-Rest Encryption Error", _mongod.Log());

        await _mongod.KillAsync();
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        _kmip.Fails = false;
        await _mongod.StartAsync();
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_lets_nothing_start()
    {
        await _mongod.StartAsync();
        await _mongod.TerminateAsync();
        _mongod.Extra = ["--kmipPort", "1", "--kmipConnectRetries", "1"];
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        Assert.Contains("Can't connect to any of KMIP servers", _mongod.Log());
    }

    [Fact]
    public async Task A_server_whose_certificate_names_another_host_is_not_trusted()
    {
        _mongod.Extra = ["--kmipServerName", "127.0.0.1"];
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        Assert.Empty(_kmip.Keys);
    }

    [Fact]
    public async Task Rotation_puts_the_same_data_under_a_new_key_and_ends()
    {
        await _mongod.StartAsync();
        _mongod.Run("{insert: 'x', documents: [{_id: 1}], writeConcern: {w: 1, j: true}}");
        await _mongod.TerminateAsync();
        _mongod.Extra = ["--kmipRotateMasterKey"];
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        Assert.Contains("master key rotation finished successfully", _mongod.Log());

        _mongod.Extra = [];
        _kmip.Keys.TryRemove("key-1", out _);
        await _mongod.StartAsync();
        Assert.Equal("key-2", _mongod.Run("{serverStatus: 1}")["encryptionAtRest"]["encryptionKeyId"]);
        Assert.Equal(1, _mongod.Run("{count: 'x'}")["n"].AsInt32);
        Assert.Single(Directory.GetFiles(Path.Combine(_mongod.DbPath, "key.store")));
    }

    [Fact]
    public async Task A_given_identifier_is_used_first_and_must_stay_the_same()
    {
        _kmip.Keys["mine"] = (new byte[32], KeyState.Active);
        _mongod.Extra = ["--kmipKeyIdentifier", "mine"];
        await _mongod.StartAsync();
        Assert.Equal(["GetAttributes", "Get"], _kmip.Seen.Take(2));
        await _mongod.TerminateAsync();
        _mongod.Extra = ["--kmipKeyIdentifier", "other"];
        Assert.Equal(EncryptionError, await _mongod.RunToEndAsync());
        Assert.Contains("not the one the data files were encrypted with", _mongod.Log());
    }
}
