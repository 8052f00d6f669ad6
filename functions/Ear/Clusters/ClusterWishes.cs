using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Telemetry;

namespace Ear.Clusters;

/// <summary>
/// What a client wants of a cluster, in the newest shape. An older shape says some of it about the cluster as a whole, and so has
/// to see what was described before.
/// </summary>
/// <param name="described">The description until now; null for a new cluster.</param>
public delegate Outcome<JsonObject> WishedBody(JsonObject? described);

/// <summary>
/// Takes what owners want of clusters: refuses it, or records it and wakes the reconciliation, which does the rest. An update of a
/// disabled cluster is a wish like any other and waits (R45).
/// </summary>
public sealed class ClusterWishes(IClusters clusters, IProjects projects, IReconciler reconciler, ClusterSpecPatch patch, EventFactory events, PrivateNetworking networking)
{
    private const int MaxTries = 5;

    public async Task<Outcome<Cluster>> CreateAsync(Project project, Caller caller, ClusterId id, WishedBody wished, CancellationToken cancellation)
    {
        if (!wished(null).IsOk(out var body, out var problem))
            return problem;
        if (!Name(body).IsOk(out var name, out problem) || !patch.Create(body).IsOk(out var spec, out problem))
            return problem;
        if (OwnersOnly(project, caller, null, spec) is { } notTheirs)
            return notTheirs;
        var cluster = new Cluster(id, project.Id, name, events.Now, spec) { Trace = EarTraces.Here };
        // A repeat is answered as one even then: whoever made the cluster may have died before it saw that the project had changed.
        if (RefusedEncryption(project, name, await networking.EndpointsAsync(project, cancellation), null, spec) is { } refused)
            return await clusters.FindAsync(project.Id, name, cancellation) is { Document: var made } && made.Id == id ? await MadeBeforeAsync(cluster, cancellation) : refused;
        if (spec.IsPaused)
            return new Problem.CannotCreatePausedCluster(name.Value);
        if (!(await clusters.SaveAsync(cluster, 0, [events.Make(cluster, "CLUSTER_CREATED", caller.Name)], cancellation)).Saved)
            return await MadeBeforeAsync(cluster, cancellation);
        return await SubmittedAsync(cluster, null, hold: true, cancellation);
    }

    public async Task<Outcome<Cluster>> ChangeAsync(Project project, Caller caller, string name, WishedBody wished, Expected expected, CancellationToken cancellation)
    {
        var endpoints = await networking.EndpointsAsync(project, cancellation);
        return await RecordAsync(project.Id, name, "CLUSTER_UPDATE_SUBMITTED", caller.Name, expected, cluster => Changed(project, caller, endpoints, cluster, wished), cancellation);
    }

    public Task<Outcome<Cluster>> DeleteAsync(Project project, Caller caller, string name, Expected expected, CancellationToken cancellation)
        => RecordAsync(project.Id, name, "CLUSTER_DELETE_SUBMITTED", caller.Name, expected, Deleted, cancellation);

    /// <summary>Told twice is told once: a cluster that is there under the very id is the one that was asked for. What came after its save may not have.</summary>
    private async Task<Outcome<Cluster>> MadeBeforeAsync(Cluster wanted, CancellationToken cancellation)
    {
        if (await clusters.FindAsync(wanted.ProjectId, wanted.Name, cancellation) is not { Document: var made } || made.Id != wanted.Id)
            return new Problem.DuplicateClusterName(wanted.Name.Value, wanted.ProjectId.Value);
        // A repeat takes back what was never up; what has been is somebody's data, whatever the project has become.
        if (made.DeletionRequested || made.AchievedGeneration > 0)
            return made;
        // Looked at and not saved: whatever the project became since the first telling is there to be seen, and a repeat writes nothing.
        var refused = await projects.FindAsync(made.ProjectId, cancellation) is { Document: var project }
            ? RefusedToStay(project, made)
            : new Problem.ProjectNotFound(made.ProjectId.Value);
        if (refused is not null)
        {
            await TakeBackAsync(made, null, cancellation);
            return refused;
        }
        return await SubmittedAsync(made, null, hold: false, cancellation);
    }

    private Outcome<Cluster> Changed(Project project, Caller caller, IReadOnlyList<PrivateEndpoint> endpoints, Cluster cluster, WishedBody wished)
    {
        if (cluster.DeletionRequested)
            return new Problem.DeletionAlreadyRequested(cluster.Name.Value, cluster.ProjectId.Value);
        if (!wished(cluster.Spec.Described).IsOk(out var body, out var problem))
            return problem;
        if (body["name"] is { } renamed && renamed.ToString() != cluster.Name.Value)
            return new Problem.NotRunHere("name", "Renaming a cluster");
        if (!patch.Apply(cluster.Spec, body).IsOk(out var spec, out problem))
            return problem;
        if (ReferenceEquals(spec, cluster.Spec) && body["paused"]?.GetValue<bool>() is not true)
            return cluster;
        var refused = OwnersOnly(project, caller, cluster.Spec, spec)
            ?? RefusedEncryption(project, cluster.Name, endpoints, cluster.Spec, spec);
        if (refused is not null)
            return refused;
        return ClusterPauses.With(cluster, spec, events.Now).Map(allowed => allowed with
        {
            Spec = spec,
            Generation = cluster.Generation + 1,
            State = cluster.State is ClusterState.Creating ? ClusterState.Creating : ClusterState.Updating,
        });
    }

    private static Problem? RefusedEncryption(Project project, ClusterName name, IReadOnlyList<PrivateEndpoint> endpoints, ClusterSpec? before, ClusterSpec after)
        => ClusterEncryptionRules.Refused(project, name, before?.EncryptionAtRestProvider, after.EncryptionAtRestProvider)
            ?? PrivateNetworkRules.Refused(project, endpoints, before, after);

    private static Problem? RefusedToStay(Project project, Cluster cluster)
        => ClusterEncryptionRules.RefusedToStay(project, cluster.Name, cluster.Spec.EncryptionAtRestProvider) ?? PrivateNetworkRules.RefusedToStay(project, cluster.Spec);

    private static Outcome<Cluster> Deleted(Cluster cluster)
    {
        if (cluster.DeletionRequested)
            return new Problem.DeletionAlreadyRequested(cluster.Name.Value, cluster.ProjectId.Value);
        if (IsProtected(cluster.Spec))
            return new Problem.TerminationProtected(cluster.Name.Value);
        return cluster with { DeletionRequested = true, Generation = cluster.Generation + 1, State = ClusterState.Deleting };
    }

    private async Task<Outcome<Cluster>> RecordAsync(
        ProjectId project, string text, string eventType, string actor, Expected expected, Func<Cluster, Outcome<Cluster>> change, CancellationToken cancellation, bool hold = true)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (!ClusterName.TryParse(text, null, out var name) || await clusters.FindAsync(project, name, cancellation) is not { } stored)
                return new Problem.ClusterNotFound(text, project.Value);
            if (expected.Refused(stored, $"Cluster {text}") is { } another)
                return another;
            if (!change(stored.Document).IsOk(out var changed, out var problem))
                return problem;
            if (ReferenceEquals(changed, stored.Document))
                return changed;
            changed = changed with { Trace = EarTraces.Here };
            if ((await clusters.SaveAsync(changed, stored.Version, [events.Make(changed, eventType, actor)], cancellation)).Saved)
                return await SubmittedAsync(changed, stored.Document.Spec, hold, cancellation);
        }
        return new Problem.Conflict($"Cluster {text}");
    }

    /// <summary>If we die before the reconciliation is woken, the minute's safety sweep wakes it.</summary>
    private async Task<Outcome<Cluster>> SubmittedAsync(Cluster cluster, ClusterSpec? before, bool hold, CancellationToken cancellation)
    {
        var provider = cluster.Spec.EncryptionAtRestProvider;
        var isHeldAnew = before is null || before.EncryptionAtRestProvider != provider || (provider is not null && PrivateNetworkRules.Spreads(before, cluster.Spec));
        if (hold && isHeldAnew && !cluster.DeletionRequested && await HeldAsync(cluster, cancellation) is { } refused)
        {
            await TakeBackAsync(cluster, before, cancellation);
            return refused;
        }
        await reconciler.WakeAsync(cluster.Ref, cancellation);
        return cluster;
    }

    /// <summary>
    /// A cluster is made, gets or leaves a provider, or spreads, while somebody deletes the project, switches that provider off or its private networking on
    /// (R71), or promises that all have one (R88): each looks at the other's document, so one of the two saves has to fail. Saving the project unchanged makes it the other one, which looks
    /// again and sees this cluster.
    /// </summary>
    /// <returns>Null: held. Otherwise why the cluster cannot stay in the project as that has become.</returns>
    private async Task<Problem?> HeldAsync(Cluster cluster, CancellationToken cancellation)
    {
        while (await projects.FindAsync(cluster.ProjectId, cancellation) is { } stored)
        {
            if (RefusedToStay(stored.Document, cluster) is { } refused)
                return refused;
            cancellation.ThrowIfCancellationRequested();
            if ((await projects.SaveAsync(stored.Document, stored.Version, [], cancellation)).Saved)
                return null;
        }
        return new Problem.ProjectNotFound(cluster.ProjectId.Value);
    }

    /// <summary>The wish before, as a newer wish; a new cluster goes away again.</summary>
    private Task<Outcome<Cluster>> TakeBackAsync(Cluster cluster, ClusterSpec? before, CancellationToken cancellation)
        => RecordAsync(cluster.ProjectId, cluster.Name.Value, before is null ? "CLUSTER_DELETE_SUBMITTED" : "CLUSTER_UPDATE_SUBMITTED", "ear", Expected.Any, current =>
            before is null ? Deleted(current) : current with { Spec = before, Generation = current.Generation + 1 }, cancellation, hold: false);

    /// <summary>C6: the provider of encryption, and protection from deletion, are the Project Owner's.</summary>
    private static Problem? OwnersOnly(Project project, Caller caller, ClusterSpec? before, ClusterSpec after)
    {
        var owners = before?.EncryptionAtRestProvider != after.EncryptionAtRestProvider ? "encryptionAtRestProvider"
            : before is not null && IsProtected(before) != IsProtected(after) ? "terminationProtectionEnabled"
            : null;
        var refused = owners is null ? null : caller.Refused(project, Role.ProjectOwner);
        return refused is Problem.RoleMissing missing ? missing with { For = owners } : refused;
    }

    private static bool IsProtected(ClusterSpec spec) => spec.Described["terminationProtectionEnabled"]?.GetValue<bool>() is true;

    private static Outcome<ClusterName> Name(JsonObject body) => body["name"] switch
    {
        null => new Problem.MissingField("name"),
        var sent when ClusterName.TryParse(sent.ToString(), null, out var name) => name,
        var sent => new Problem.ClusterNameInvalid(sent.ToString()),
    };
}
