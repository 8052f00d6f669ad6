using Ear.Mongod.Replication;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>The replSet… commands of operators, and those that members send each other.</summary>
internal sealed class ReplicationCommands(Node node, Replicator replicator)
{
    private readonly ReplicaSet _set = replicator.Set;

    /// <summary>On a server without --replSet: refused by the right name instead of "no such command".</summary>
    public static void AddRefusalsTo(CommandDispatcher commands)
    {
        foreach (var name in (string[])["replSetInitiate", "replSetGetConfig", "replSetReconfig", "replSetGetStatus", "replSetStepDown", "replSetFreeze", "replSetResizeOplog"])
            commands.Add(name, _ => throw new CommandException(ErrorCode.NoReplicationEnabled, "not running with --replSet"));
    }

    public void AddTo(CommandDispatcher commands)
    {
        commands.Add("replSetInitiate", InitiateAsync);
        commands.Add("replSetGetConfig", _ => Config());
        commands.Add("replSetReconfig", ReconfigAsync);
        commands.Add("replSetGetStatus", _ => { lock (node.Engine.Gate) return ReplStatus.Status(_set, replicator.InitialSync, node.Started); });
        commands.Add("replSetStepDown", StepDownAsync);
        commands.Add("replSetFreeze", Freeze);
        commands.Add("replSetResizeOplog", ResizeOplog);
        commands.Add("replSetHeartbeat", r => replicator.Heartbeats.Answer(r.Body));
        commands.Add("replSetRequestVotes", r => replicator.Elections.Vote(r.Body));
        commands.Add(StepDowns.StepUp, StepUpAsync);
        commands.Add(Reconfigs.WhoAreYou, _ => replicator.Reconfigs.WhoIAm());
        commands.Add(OplogSource.Fetch, (r, ct) => replicator.Source.FetchAsync(r.Body, ct));
        commands.Add(OplogSource.CatchUp, r => replicator.Source.HandOut(r.Body));
        commands.Add(OplogSource.SyncStart, _ => replicator.Source.Start());
    }

    private async Task<BsonDocument> InitiateAsync(CommandRequest request, CancellationToken ct)
    {
        await replicator.Reconfigs.InitiateAsync(request.Document("replSetInitiate"), ct);
        return [];
    }

    private BsonDocument Config()
    {
        lock (node.Engine.Gate)
        {
            return _set.State.Config is { } config
                ? new BsonDocument("config", config.ToBson())
                : throw new CommandException(ErrorCode.NotYetInitialized, "no replset config has been received");
        }
    }

    private async Task<BsonDocument> ReconfigAsync(CommandRequest request, CancellationToken ct)
    {
        await replicator.Reconfigs.ReconfigAsync(request.Document("replSetReconfig"), request.Flag("force"), request.MaxTime ?? TimeSpan.FromSeconds(60), ct);
        return [];
    }

    private async Task<BsonDocument> StepDownAsync(CommandRequest request, CancellationToken ct)
    {
        var (secs, force) = (request.Seconds("replSetStepDown", 60), request.Flag("force"));
        var catchUp = request.Seconds("secondaryCatchUpPeriodSecs", force ? 0 : 10);
        if (secs <= 0) throw new CommandException(ErrorCode.BadValue, "stepdown period must be a positive integer");
        if (catchUp < 0) throw new CommandException(ErrorCode.BadValue, "secondaryCatchUpPeriodSecs period must be a positive or absent");
        if (secs < catchUp) throw new CommandException(ErrorCode.BadValue, "stepdown period must be longer than secondaryCatchUpPeriodSecs");
        await replicator.StepDowns.StepDownAsync(TimeSpan.FromSeconds(secs), TimeSpan.FromSeconds(catchUp), force, ct);
        return [];
    }

    private async Task<BsonDocument> StepUpAsync(CommandRequest request, CancellationToken ct)
    {
        await replicator.Elections.StandAsync("asked to step up", request.Flag("skipDryRun"), ct);
        return [];
    }

    private BsonDocument Freeze(CommandRequest request)
    {
        var secs = request.Seconds("replSetFreeze", 0);
        lock (node.Engine.Gate)
        {
            if (_set.Role == MemberState.Primary) throw new CommandException(ErrorCode.NotSecondary, "cannot freeze node when primary or running for election. state: Primary");
            _set.NoElectionUntil = secs <= 0 ? 0 : _set.Now + _set.Ticks(TimeSpan.FromSeconds(secs));
        }
        return [];
    }

    private BsonDocument ResizeOplog(CommandRequest request)
    {
        lock (node.Engine.Gate)
        {
            if (request.Body.TryGetValue("size", out var mb)) node.Engine.Oplog.MaxBytes = mb.ToDouble() > 0 ? (long)(mb.ToDouble() * (1 << 20)) : throw new CommandException(ErrorCode.BadValue, "size must be a positive number of megabytes");
            if (request.Body.TryGetValue("minRetentionHours", out var hours)) node.Engine.Oplog.MinRetention = hours.ToDouble() >= 0 ? TimeSpan.FromHours(hours.ToDouble()) : throw new CommandException(ErrorCode.BadValue, "minRetentionHours must not be negative");
        }
        return [];
    }
}
