using Ear.Agent.Mongod;
using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Node;

/// <summary>Looks at this node's process, server and files.</summary>
internal sealed class NodeEyes(IProcessHost host, IMongod mongod, IDbPath db, TimeProvider time, ILogger<NodeEyes> logger)
{
    // Summing up a data folder reads its whole directory.
    private static readonly TimeSpan SpaceEvery = TimeSpan.FromSeconds(30);

    private DiskSpace? space;
    private long? spaceAt;
    private string? introduced;

    public async Task<NodeSight> LookAsync(CancellationToken cancellation)
    {
        // Whatever answers on the port while our process is gone is not our mongod.
        var process = host.Find();
        var view = process is null ? MongodView.Down : await mongod.LookAsync(cancellation);
        if (view.Up)
            Remember(view);
        return new NodeSight(process, view, db.Marker, Space());
    }

    private void Remember(MongodView view)
    {
        var introduction = $"{view.Version} {string.Join(',', view.Modules)}";
        if (introduced != introduction)
            Log.MongodSays(logger, view.Version, string.Join(", ", view.Modules), view.Encrypted);
        introduced = introduction;
        if (db.Marker is not { } marker)
            return;
        var seen = marker with { Started = true, KeyId = view.KeyId is { } id && id != "local" ? id : marker.KeyId };
        if (seen != marker)
            db.Mark(seen);
    }

    private DiskSpace? Space()
    {
        if (spaceAt is null || time.GetElapsedTime(spaceAt.Value) > SpaceEvery)
        {
            space = db.Space;
            spaceAt = time.GetTimestamp();
        }

        return space;
    }
}

/// <param name="Process">Null: no mongod of this folder runs.</param>
/// <param name="Marker">How the dbPath was made; null before the first start.</param>
internal sealed record NodeSight(ProcessMark? Process, MongodView Mongod, DbMarker? Marker, DiskSpace? Space);
