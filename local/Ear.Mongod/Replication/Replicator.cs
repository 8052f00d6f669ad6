using Ear.Mongod.Logging;

namespace Ear.Mongod.Replication;

/// <summary>The parts of replication and the loops that keep them going.</summary>
internal sealed class Replicator
{
    private readonly OplogPuller _puller;

    public Replicator(ReplicaSet set, ServerLog log)
    {
        Set = set;
        Heartbeats = new Heartbeats(set, log);
        Elections = new Elections(set, log);
        InitialSync = new InitialSync(set, log);
        StepDowns = new StepDowns(set, log);
        Reconfigs = new Reconfigs(set);
        Source = new OplogSource(set);
        _puller = new OplogPuller(set, InitialSync, log);
    }

    public ReplicaSet Set { get; }

    public Heartbeats Heartbeats { get; }

    public Elections Elections { get; }

    public InitialSync InitialSync { get; }

    public StepDowns StepDowns { get; }

    public Reconfigs Reconfigs { get; }

    public OplogSource Source { get; }

    public IEnumerable<Task> Run(CancellationToken ct) => [Heartbeats.RunAsync(ct), Elections.RunAsync(ct), _puller.RunAsync(ct)];
}
