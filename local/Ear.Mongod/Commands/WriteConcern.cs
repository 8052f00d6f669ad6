using Ear.Mongod.Replication;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>How far a write must have come before it is acknowledged.</summary>
/// <param name="Nodes">Null: a majority. A number above 1 counts members that have it durable.</param>
internal sealed record WriteConcern(int? Nodes, bool Journal, TimeSpan? Limit)
{
    public static WriteConcern From(CommandRequest request, ReplConfig? config)
    {
        var d = request.Document("writeConcern");
        var w = d.GetValue("w", config is null ? 1 : "majority");
        if (!w.IsNumeric && w != "majority") throw new CommandException(ErrorCode.UnknownReplWriteConcern, $"No write concern mode named '{w}' found in replica set configuration");
        var ms = d.GetValue("wtimeout", 0).ToInt64();
        var concern = new WriteConcern(w.IsNumeric ? w.ToInt32() : null, d.GetValue("j", false).ToBoolean(), ms > 0 ? TimeSpan.FromMilliseconds(ms) : null);
        return config is null && concern.Nodes > 1 ? throw new CommandException(ErrorCode.BadValue, "cannot use 'w' > 1 when a host is not replicated") : concern;
    }

    /// <returns>The writeConcernError; null: it came as far as asked.</returns>
    /// <exception cref="CommandException">This member stopped being primary: nobody here knows whether the write will last.</exception>
    public async Task<BsonDocument?> WaitAsync(Node node, OpTime at, long term, CancellationToken ct)
    {
        if (Nodes is 0 || (Nodes is 1 && !Journal)) return null;
        if (Nodes > (node.Set?.State.Config?.Members.Count ?? 1)) return Error(ErrorCode.CannotSatisfyWriteConcern, "Not enough data-bearing nodes", timedOut: false);
        var lost = false;
        bool Reached()
        {
            lock (node.Engine.Gate)
            {
                lost = node.Set is { } s && (s.Role != MemberState.Primary || s.State.Term != term);
                return lost || Holds(node, at);
            }
        }
        var reached = await node.Engine.Progress.UntilAsync(Reached, Limit, node.Time, ct);
        if (lost) throw new CommandException(ErrorCode.InterruptedDueToReplStateChange, "operation was interrupted: this member is no longer the primary");
        return reached ? null : Error(ErrorCode.WriteConcernFailed, "waiting for replication timed out", timedOut: true);
    }

    private bool Holds(Node node, OpTime at)
    {
        if (node.Set is not { } set || Nodes is 1) return node.Engine.Durable >= at;
        return Nodes is { } n
            ? set.State.Config!.Members.Count(m => (m.Host == set.State.Me ? node.Engine.Durable : set.DurableOf(m.Host)) >= at) >= n
            : set.CommitPoint >= at;
    }

    private static BsonDocument Error(ErrorCode code, string message, bool timedOut)
    {
        var error = new BsonDocument { ["code"] = (int)code, ["codeName"] = code.ToString(), ["errmsg"] = message };
        if (timedOut) error["errInfo"] = new BsonDocument("wtimeout", true);
        return error;
    }
}
