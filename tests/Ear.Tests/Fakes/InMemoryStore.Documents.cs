using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Tests.Fakes;

internal sealed partial class InMemoryStore
{
    private string _unfinishedAfter = "";

    public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation)
        => Task.FromResult(Find<Project>(_state.Projects, id.Value));

    public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation)
        => Task.FromResult(_state.ProjectNames.TryGetValue((organisation, name), out var id) ? Find<Project>(_state.Projects, id.Value) : null);

    public Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation)
    {
        var rows = _state.Projects.Where(r => string.CompareOrdinal(r.Key, continuation ?? "") > 0).Take(size + 1).ToList();
        var more = rows.Count > size;
        var page = rows.Take(size).Select(r => r.Value.Read<Project>().Document).ToList();
        return Task.FromResult(new Page<Project>(page, more ? rows[size - 1].Key : null));
    }

    public async Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation)
        => (await PageAsync(continuation, size, cancellation)).Continuation;

    public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.Projects, (s, rows) => (WithoutName(s, project.Id) with { Projects = rows }).WithName(project), project.Id, project.Id.Value, project, expectedVersion, announce,
            refuse: s => s.ProjectNames.TryGetValue((project.OrgId, project.Name), out var holder) && holder != project.Id));

    public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Delete(s => s.Projects, (s, rows) => WithoutName(s, project.Id) with { Projects = rows }, project.Id, project.Id.Value, expectedVersion, announce));

    public Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation)
        => Task.FromResult(Find<Cluster>(_state.Clusters, Key(project, name.Value)));

    public Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<Stored<Cluster>>>(Scan<Cluster>(_state.Clusters, Key(project, "")));

    // A cluster that was deleted and created again under its name is another one, whatever its version.
    public Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.Clusters, (s, rows) => s with { Clusters = rows }, cluster.ProjectId, Key(cluster.ProjectId, cluster.Name.Value), cluster, expectedVersion, announce,
            refuse: s => expectedVersion > 0 && IsAnother(s, cluster)));

    public Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Delete(s => s.Clusters, (s, rows) => s with { Clusters = rows }, cluster.ProjectId, Key(cluster.ProjectId, cluster.Name.Value), expectedVersion, announce,
            refuse: s => IsAnother(s, cluster)));

    public Task<IReadOnlyList<ClusterRef>> ListAsync(int max, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var unfinished = _state.Clusters.Select(r => (r.Key, r.Value.Read<Cluster>().Document)).Where(c => c.Document.IsUnfinished).ToList();
            var turn = unfinished.Where(c => string.CompareOrdinal(c.Key, _unfinishedAfter) > 0)
                .Concat(unfinished.Where(c => string.CompareOrdinal(c.Key, _unfinishedAfter) <= 0))
                .Take(max).ToList();
            _unfinishedAfter = turn.Count > 0 ? turn[^1].Key : "";
            return Task.FromResult<IReadOnlyList<ClusterRef>>([.. turn.Select(c => c.Document.Ref)]);
        }
    }

    public Task<Stored<Node>?> FindAsync(ProjectId project, NodeId id, CancellationToken cancellation)
        => Task.FromResult(Find<Node>(_state.Nodes, Key(project, id.Value)));

    public Task<IReadOnlyList<Stored<Node>>> ListAsync(ProjectId project, ClusterId cluster, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<Stored<Node>>>(
            [.. Scan<Node>(_state.Nodes, Key(project, "")).Where(n => n.Document.Cluster.Id == cluster).OrderBy(n => n.Document.Index)]);

    public Task<SaveResult> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.Nodes, (s, rows) => s with { Nodes = rows }, node.ProjectId, Key(node.ProjectId, node.Id.Value), node, expectedVersion, announce));

    public Task<SaveResult> DeleteAsync(Node node, long expectedVersion, CancellationToken cancellation)
        => Task.FromResult(Delete(s => s.Nodes, (s, rows) => s with { Nodes = rows }, node.ProjectId, Key(node.ProjectId, node.Id.Value), expectedVersion, []));

    public Task<Page<Node>> ListAsync(MachineTask task, string? continuation, int size, CancellationToken cancellation)
    {
        var found = _state.Nodes.Select(r => r.Value.Read<Node>().Document).Where(n => n.MachineTask == task)
            .Select(n => (Key: MachineTasks.Continuation(n.ProjectId, n.Id), Node: n)).OrderBy(n => n.Key, StringComparer.Ordinal)
            .Where(n => string.CompareOrdinal(n.Key, continuation ?? "") > 0).Take(size + 1).ToList();
        return Task.FromResult(new Page<Node>([.. found.Take(size).Select(n => n.Node)], found.Count > size ? found[size - 1].Key : null));
    }

    public Task<Stored<Alert>?> FindAsync(ProjectId project, AlertId id, CancellationToken cancellation)
        => Task.FromResult(Find<Alert>(_state.Alerts, Key(project, id.Value)));

    public Task<IReadOnlyList<Stored<Alert>>> ListAsync(ProjectId project, AlertStatus? status, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<Stored<Alert>>>(
            [.. Scan<Alert>(_state.Alerts, Key(project, "")).Where(a => status is null || a.Document.Status == status)]);

    public Task<SaveResult> SaveAsync(Alert alert, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.Alerts, (s, rows) => s with { Alerts = rows }, alert.ProjectId, Key(alert.ProjectId, alert.Id.Value), alert, expectedVersion, announce,
            refuse: s => IsUnresolved(alert) && Scan<Alert>(s.Alerts, Key(alert.ProjectId, ""))
                .Exists(a => IsUnresolved(a.Document) && a.Document.Id != alert.Id && a.Document.Type == alert.Type && a.Document.Subject == alert.Subject)));

    private static State WithoutName(State state, ProjectId id)
        => Find<Project>(state.Projects, id.Value) is { Document: var before } ? state with { ProjectNames = state.ProjectNames.Remove((before.OrgId, before.Name)) } : state;

    public Task<Page<Alert>> OpenAsync(string? continuation, int size, CancellationToken cancellation)
    {
        var rows = _state.Alerts.Where(r => string.CompareOrdinal(r.Key, continuation ?? "") > 0).Select(r => (r.Key, r.Value.Read<Alert>().Document))
            .Where(r => r.Document.IsUnfinished).Take(size + 1).ToList();
        return Task.FromResult(new Page<Alert>([.. rows.Take(size).Select(r => r.Document)], rows.Count > size ? rows[size - 1].Key : null));
    }

    public string Behind(Alert alert) => Key(alert.ProjectId, alert.Id.Value);

    Task<IReadOnlyList<Stored<AlertConfig>>> IAlertConfigs.ListAsync(ProjectId project, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<Stored<AlertConfig>>>(Scan<AlertConfig>(_state.AlertConfigs, Key(project, "")));

    public Task<Stored<AlertConfig>?> FindAsync(ProjectId project, AlertConfigId id, CancellationToken cancellation)
        => Task.FromResult(Find<AlertConfig>(_state.AlertConfigs, Key(project, id.Value)));

    public Task<SaveResult> SaveAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.AlertConfigs, (s, rows) => s with { AlertConfigs = rows }, config.ProjectId, Key(config.ProjectId, config.Id.Value), config, expectedVersion, announce));

    public Task<SaveResult> DeleteAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Delete(s => s.AlertConfigs, (s, rows) => s with { AlertConfigs = rows }, config.ProjectId, Key(config.ProjectId, config.Id.Value), expectedVersion, announce));

    Task IAlerts.ForgetAsync(ProjectId project, CancellationToken cancellation)
        => Forget(s => s with { Alerts = s.Alerts.RemoveBelow(Key(project, "")) });

    Task IAlertConfigs.ForgetAsync(ProjectId project, CancellationToken cancellation)
        => Forget(s => s with { AlertConfigs = s.AlertConfigs.RemoveBelow(Key(project, "")) });

    private Task Forget(Func<State, State> change)
    {
        lock (_gate)
            _state = change(_state);
        return Task.CompletedTask;
    }

    private static string Key(ProjectId project, string rest) => $"{project}/{rest}";

    private static bool IsAnother(State state, Cluster cluster)
        => Find<Cluster>(state.Clusters, Key(cluster.ProjectId, cluster.Name.Value)) is { } current && current.Document.Id != cluster.Id;

    private static bool IsUnresolved(Alert alert) => alert.Status is AlertStatus.Open or AlertStatus.Tracking;
}
