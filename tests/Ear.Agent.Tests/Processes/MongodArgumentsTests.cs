using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Tests.Processes;

public sealed class MongodArgumentsTests
{
    private static readonly MongodPlace Place = new(new AgentFolder("/data"), "127.0.0.1", 27017, 5696, "/data/kmipCA.pem", "/data/kmipClient.pem");
    private static readonly StartPlan Plain = new("rs", "M10", EncryptionMode.None, null);

    [Fact]
    public void A_plain_node_gets_no_word_about_encryption()
    {
        var arguments = MongodArguments.For(Place, Plain, new MongodProgram("mongod", null));
        Assert.Equal(
            "--dbpath /data/db --port 27017 --bind_ip 127.0.0.1 --replSet rs --logpath /data/mongod.log --logappend --wiredTigerCacheSizeGB 0.5",
            string.Join(' ', arguments));
    }

    [Fact]
    public void An_encrypted_node_asks_the_bridge_each_minute()
    {
        var arguments = string.Join(' ', MongodArguments.For(Place, Plain with { Encryption = EncryptionMode.Aes256Gcm }, new MongodProgram("mongod", null)));
        Assert.EndsWith(
            "--enableEncryption --encryptionCipherMode AES256-GCM --kmipServerName 127.0.0.1 --kmipPort 5696 --kmipServerCAFile /data/kmipCA.pem "
            + "--kmipClientCertificateFile /data/kmipClient.pem --kmipKeyStatePollingSeconds 60 --kmipConnectRetries 5",
            arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_made_for_a_first_start_is_named()
    {
        var arguments = MongodArguments.For(Place, Plain with { Encryption = EncryptionMode.Aes256Gcm, KeyId = "k" }, new MongodProgram("mongod", null));
        Assert.Equal(["--kmipKeyIdentifier", "k"], arguments.TakeLast(2));
    }

    [Theory]
    [InlineData("db version v7.0.14\nBuild Info: {", 2)]
    [InlineData("db version v5.0.28-24", 1)]
    [InlineData("db version v4.2.24", 0)]
    [InlineData("unrecognised option '--version'", 0)]
    public void Initial_sync_parameters_go_only_to_servers_that_know_them(string version, int parameters) =>
        Assert.Equal(parameters, new MongodProgram("mongod", MongodProgram.Parse(version)).Parameters.Count);

    [Theory]
    [InlineData("M10", 0.5)]
    [InlineData("M20", 1.5)]
    [InlineData("M40", 7.5)]
    [InlineData("M9999", 0.25)]
    public void The_cache_follows_the_instance_size(string size, double gigabytes) => Assert.Equal(gigabytes, MongodArguments.CacheGigabytes(size));
}
