using Ear.Agent.Kmip;
using Ear.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Agent.Tests.Kmip;

/// <summary>The requests of a Percona mongod, byte for byte, and what its decoder demands of the replies (spec dataplane §3.1).</summary>
public sealed class PerconaVectorTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task Every_recorded_request_is_answered_as_the_decoder_demands()
    {
        var vectors = Vectors();
        var keys = new FakeNodeKeys();
        var bridge = new KmipBridge(new KmipOperations(keys), new FakeTimeProvider());
        async Task<TtlvItem> Ask(string name)
        {
            using var answer = await bridge.AnswerAsync(vectors[name], TestContext.Current.CancellationToken);
            var reply = new Reply(answer.Bytes);
            Assert.Equal(new KmipVersion(1, 0), reply.Version);
            return reply.Only;
        }

        var registered = Reply.Succeeded(await Ask("REGISTER"), KmipOperation.Register).Require(KmipTag.UniqueIdentifier).Text();
        Assert.Equal("key-1", registered);
        Assert.Equal(Key, keys.Plaintext(registered));
        Assert.Equal("key-1", Reply.Succeeded(await Ask("ACTIVATE"), KmipOperation.Activate).Require(KmipTag.UniqueIdentifier).Text());

        var attribute = Reply.Succeeded(await Ask("GETATTRIBUTES State"), KmipOperation.GetAttributes).Require(KmipTag.Attribute);
        Assert.Equal("State", attribute.Require(KmipTag.AttributeName).Text());
        Assert.Equal(KmipValues.StateActive, attribute.Require(KmipTag.AttributeValue).Int32());

        var block = Reply.Succeeded(await Ask("GET"), KmipOperation.Get).Require(KmipTag.SymmetricKey).Require(KmipTag.KeyBlock);
        Assert.Equal(Key, block.Require(KmipTag.KeyValue).Require(KmipTag.KeyMaterial).Bytes().ToArray());

        Reply.Failed(await Ask("GET missing"), KmipOperation.Get, KmipReason.ItemNotFound);
        Reply.Failed(await Ask("GETATTRIBUTES missing"), KmipOperation.GetAttributes, KmipReason.ItemNotFound);
    }

    private static Dictionary<string, byte[]> Vectors()
    {
        var path = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "spec", "kmip-vectors.txt"));
        if (!File.Exists(path))
            Assert.Skip($"The byte vectors are not here: {path}. KmipBridgeTests carries its own.");
        var vectors = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var name = "";
        var hexadecimal = "";
        foreach (var line in File.ReadLines(path).Where(line => !line.StartsWith('#')).Append("END (0)"))
        {
            if (!line.EndsWith(')'))
            {
                hexadecimal += line;
                continue;
            }

            if (hexadecimal.Length > 0)
                vectors.Add(name, Convert.FromHexString(hexadecimal));
            (name, hexadecimal) = (line[..line.LastIndexOf(" (", StringComparison.Ordinal)], "");
        }

        return vectors;
    }
}
