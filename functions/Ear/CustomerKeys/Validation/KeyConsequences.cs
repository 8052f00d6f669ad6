using Ear.Clusters;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>
/// What follows from a saved standing: alerts and woken clusters. Drawn again at every check for an hour after a change, and as long
/// as something is wrong: so a crash between the save and here, or a lost wake-up, is repaired by the next check.
/// </summary>
public sealed class KeyConsequences(KeyAlerts alerts, IClusters clusters, IReconciler reconciler, TimeProvider time)
{
    private static readonly TimeSpan DrawnAgain = TimeSpan.FromHours(1);

    /// <summary>Nothing is wrong, and what followed from the last change was drawn for long enough.</summary>
    public bool AreDrawn(KeyStanding standing) => standing is { Valid: true, NetworkAccessDenied: false } && time.GetUtcNow() - standing.ChangedAt > DrawnAgain;

    public async Task DrawAsync(Project project, KeyProvider provider, CancellationToken cancellation)
    {
        if (project.EncryptionAtRest.StandingOf(provider) is { } standing && AreDrawn(standing))
            return;
        await alerts.SyncAsync(project, cancellation);
        foreach (var (cluster, _) in await clusters.ListAsync(project.Id, cancellation))
            await reconciler.WakeAsync(cluster.Ref, cancellation);
    }
}
