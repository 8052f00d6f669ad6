using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Operations;

/// <summary>Asks this node and a peer of it whether its data may go.</summary>
internal sealed class ResyncPeers(IMongods mongods, string hostPort)
{
    public async Task<string?> RefusesAsync(NodeOp op, MongodView self, CancellationToken cancellation)
    {
        if (!self.Up)
            return "mongod does not answer";
        if (self.Role == MemberRole.Primary)
            return "this node is the primary; it has to step down first";
        var unheard = "the operation names no peer";
        foreach (var name in op.Peers.Where(peer => peer != hostPort))
        {
            var peer = mongods.At(name);
            var view = await peer.LookAsync(cancellation);
            if (!view.Up)
            {
                unheard = $"peer {name} does not answer";
                continue;
            }

            var config = (await peer.RunAsync(new BsonDocument("replSetGetConfig", 1), cancellation))["config"].AsBsonDocument;
            return ResyncPreflight.Refuses(view, config, hostPort, op.MaxLagSeconds);
        }

        return unheard;
    }
}
