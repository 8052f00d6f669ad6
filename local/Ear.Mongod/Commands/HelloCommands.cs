using Ear.Mongod.Replication;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>The handshake, in its three names, and the awaitable form by which a driver hears of a change at once.</summary>
internal sealed class HelloCommands(Node node)
{
    public const int MaxWireVersion = 21;

    public void AddTo(CommandDispatcher commands)
    {
        commands.Add("hello", HelloAsync);
        commands.Add("isMaster", HelloAsync);
    }

    private async Task<BsonDocument> HelloAsync(CommandRequest request, CancellationToken ct)
    {
        if (request.Body.GetValue("topologyVersion", BsonNull.Value) is BsonDocument seen && request.Body.TryGetValue("maxAwaitTimeMS", out var wait) && node.Set is { } set)
        {
            await set.Topology.UntilAsync(
                () => { lock (node.Engine.Gate) return seen["processId"] != set.Process || seen["counter"].ToInt64() != set.TopologyCounter; },
                TimeSpan.FromMilliseconds(wait.ToInt64()), node.Time, ct);
        }
        lock (node.Engine.Gate) return Hello(request);
    }

    private BsonDocument Hello(CommandRequest request)
    {
        var primary = node.Set is null || node.Set.Role == MemberState.Primary;
        var hello = new BsonDocument
        {
            ["helloOk"] = true,
            [request.Name == "hello" ? "isWritablePrimary" : "ismaster"] = primary,
        };
        if (node.Set is { } set)
        {
            ReplStatus.Describe(set, hello);
            // Only a member changes, so only a member offers to be waited for.
            hello["topologyVersion"] = new BsonDocument { ["processId"] = set.Process, ["counter"] = set.TopologyCounter };
        }
        hello["maxBsonObjectSize"] = 16 << 20;
        hello["maxMessageSizeBytes"] = Wire.WireMessage.MaxSize;
        hello["maxWriteBatchSize"] = 100_000;
        hello["localTime"] = new BsonDateTime(node.Time.GetUtcNow().UtcDateTime);
        hello["connectionId"] = request.ConnectionId;
        hello["minWireVersion"] = 0;
        hello["maxWireVersion"] = MaxWireVersion;
        hello["readOnly"] = false;
        return hello;
    }
}
