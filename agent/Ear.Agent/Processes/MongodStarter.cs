using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Processes;

/// <summary>Starts mongod on the dbPath as that dbPath was made, with the memory that the goal gives it.</summary>
internal sealed class MongodStarter(IProcessHost host, IDbPath db, AgentSettings settings, MongodPlace place, MongodProgram program)
{
    private readonly JsonFile<StartedWith> started = new(place.Folder.MongodStarted);

    private sealed record StartedWith(string InstanceSize);

    /// <summary>The instance size of the last start; null before the first.</summary>
    public string? InstanceSize => started.Load()?.InstanceSize;

    /// <summary>How the data is made, after making an empty dbPath for a first start as <paramref name="goal"/> says.</summary>
    /// <exception cref="ProcessStartException">The dbPath holds data that is not this node's.</exception>
    public DbMarker Prepare(NodeGoal goal)
    {
        if (db.IsForeign)
            throw new ProcessStartException($"{place.Folder.DbPath} holds files without this node's marker. They are not touched: move them away, or name another data folder.");
        if (db.Marker is { } marker)
            return marker;
        var fresh = new DbMarker(settings.NodeId.Value, goal.Encryption, KeyId: null, Started: false);
        db.Mark(fresh);
        return fresh;
    }

    public async Task StartAsync(NodeGoal goal, DbMarker marker, CancellationToken cancellation)
    {
        var plan = new StartPlan(goal.ReplicaSetName, goal.InstanceSize, marker.Encryption, marker.Started ? null : marker.KeyId);
        // Before the start: a size that is recorded and not used is corrected by the next start, one that is used and not recorded is not.
        started.Save(new StartedWith(goal.InstanceSize));
        await host.StartAsync(MongodArguments.For(place, plan, program), cancellation);
    }
}
