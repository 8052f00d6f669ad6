using Ear.Mongod.Options;
using MongoDB.Bson;

namespace Ear.Mongod.Tests;

public sealed class StartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_unknown_option_ends_with_code_2_and_names_it()
    {
        await using var mongod = MongodProcess.Prepare(_folder["db"], "--nonsense");
        Assert.Equal(2, await mongod.RunToEndAsync());
        Assert.Contains("unrecognised option '--nonsense'", mongod.StandardError());
    }

    [Theory]
    [InlineData("--enableEncryption --encryptionKeyFile k --encryptionCipherMode AES256-CBC", "AES256-GCM")]
    [InlineData("--enableEncryption --encryptionKeyFile k", "AES256-GCM")]
    [InlineData("--enableEncryption --encryptionCipherMode AES256-GCM", "needs a master key")]
    [InlineData("--encryptionKeyFile k", "without --enableEncryption")]
    [InlineData("--port 70000", "--port")]
    [InlineData("--dbpath", "argument for option '--dbpath' is missing")]
    [InlineData("--configsvr", "need --replSet")]
    [InlineData("--setParameter x", "name=value")]
    [InlineData("--kmipConnectTimeoutMS 10", "1000")]
    public void Options_that_do_not_fit_are_refused_with_the_way_out(string line, string says)
    {
        var refused = Assert.Throws<StartupException>(() => OptionParser.Parse(line.Split(' ')));
        Assert.Equal(ExitCode.BadOptions, refused.Code);
        Assert.Contains(says, refused.Message);
    }

    [Fact]
    public async Task A_second_start_on_the_same_dbPath_is_refused()
    {
        await using var first = await MongodProcess.StartNewAsync(_folder["db"]);
        await using var second = MongodProcess.Prepare(_folder["db"]);
        Assert.Equal(100, await second.RunToEndAsync());
        Assert.Contains("DBPathInUse", second.Log());
        Assert.Equal(1.0, first.Run("{ping: 1}")["ok"]);
    }

    [Fact]
    public async Task A_dbPath_that_does_not_exist_is_refused()
    {
        await using var mongod = MongodProcess.Prepare(_folder["db"]);
        Directory.Delete(mongod.DbPath);
        Assert.Equal(100, await mongod.RunToEndAsync());
        Assert.Contains("NonExistentPath", mongod.Log());
    }

    [Fact]
    public async Task Roles_parameters_and_the_pid_file_are_reported()
    {
        await using var mongod = await MongodProcess.StartNewAsync(_folder["db"], "--replSet", "cfg", "--configsvr", "--setParameter", "initialSyncSourceReadPreference=primary", "--pidfilepath", _folder["pid"], "--wiredTigerCacheSizeGB", "0.5", "--bind_ip", "127.0.0.1");
        Assert.Equal("configsvr", mongod.Run("{getCmdLineOpts: 1}")["parsed"]["sharding"]["clusterRole"]);
        Assert.Equal("primary", mongod.Run("{getParameter: 1, initialSyncSourceReadPreference: 1}")["initialSyncSourceReadPreference"]);
        Assert.Equal(512L << 20, mongod.Run("{serverStatus: 1}")["wiredTiger"]["cache"]["maximum bytes configured"].ToInt64());
        Assert.Equal(mongod.Run("{serverStatus: 1}")["pid"].ToInt64(), long.Parse(File.ReadAllText(_folder["pid"])));
        Assert.Equal(94, Assert.Throws<MongoDB.Driver.MongoCommandException>(() => mongod.Run("{replSetGetStatus: 1}")).Code);
    }

    [Fact]
    public async Task The_end_of_the_journal_that_a_crash_tore_is_cut_off()
    {
        await using var mongod = await MongodProcess.StartNewAsync(_folder["db"]);
        mongod.Run("{insert: 'x', documents: [{_id: 1}], writeConcern: {w: 1, j: true}}");
        await mongod.KillAsync();
        var journal = Directory.GetFiles(Path.Combine(mongod.DbPath, "journal")).Single();
        var whole = new FileInfo(journal).Length;
        await using (var file = new FileStream(journal, FileMode.Append)) file.Write([200, 0, 0, 0, 1, 2, 3, 4, 5]);

        await mongod.StartAsync();
        Assert.Equal(1, mongod.Run("{count: 'x'}")["n"].AsInt32);
        Assert.Equal(whole, new FileInfo(journal).Length);
    }

    [Fact]
    public async Task Damage_before_the_end_of_the_journal_is_refused_not_cut()
    {
        await using var mongod = await MongodProcess.StartNewAsync(_folder["db"]);
        for (var i = 0; i < 3; i++) mongod.Run($"{{insert: 'x', documents: [{{_id: {i}}}], writeConcern: {{w: 1, j: true}}}}");
        await mongod.KillAsync();
        var journal = Directory.GetFiles(Path.Combine(mongod.DbPath, "journal")).Single();
        var bytes = File.ReadAllBytes(journal);
        bytes[20] ^= 1;
        File.WriteAllBytes(journal, bytes);

        Assert.Equal((int)ExitCode.Abrupt, await mongod.RunToEndAsync());
        Assert.Contains("damaged at byte 0", mongod.Log());
    }
}
