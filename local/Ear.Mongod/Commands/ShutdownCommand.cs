using Ear.Mongod.Logging;
using Ear.Mongod.Options;
using Ear.Mongod.Replication;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>The ways a running server ends well: the command, and a signal.</summary>
internal sealed class ShutdownCommand(Node node, Replicator? replicator, ServerLog log)
{
    /// <summary>How long a former primary stays out of elections, as mongod has it for shutdowns.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan SignalCatchUp = TimeSpan.FromSeconds(15);

    public void AddTo(CommandDispatcher commands) => commands.Add("shutdown", RunAsync);

    private async Task<BsonDocument> RunAsync(CommandRequest request, CancellationToken ct)
    {
        var (force, seconds) = (request.Flag("force"), request.Seconds("timeoutSecs", 15));
        if (IsPrimary()) await replicator!.StepDowns.StepDownAsync(Freeze, TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Freeze.TotalSeconds)), force, ct);
        log.Info("COMMAND", 4784901, "Shutdown command received", ("force", force));
        node.End(ExitCode.Clean);
        return [];
    }

    /// <summary>A signal ends the process whether or not a follower has caught up; it only gets the chance to.</summary>
    public async Task BySignalAsync(string signal, CancellationToken ct)
    {
        log.Info("CONTROL", 23377, "Received signal", ("signal", signal));
        try
        {
            if (IsPrimary()) await replicator!.StepDowns.StepDownAsync(Freeze, SignalCatchUp, force: true, ct);
        }
        catch (CommandException e)
        {
            log.Info("REPL", 21359, "No step-down before shutdown", ("reason", e.Message));
        }
        node.End(ExitCode.Clean);
    }

    private bool IsPrimary()
    {
        lock (node.Engine.Gate) return node.Set is { Role: MemberState.Primary } set && set.Peers.Count > 0;
    }
}
