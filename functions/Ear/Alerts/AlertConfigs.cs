using Ear.Alerts.Webhooks;
using Ear.CustomerKeys.Validation;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// Changes what a project is alerted of. After each change the open alerts are made to follow (R101); if we die before that, the next
/// check of the key, or the hourly look at its age, does it. The addresses of its webhooks lie beside it (<see cref="WebhookAddresses"/>).
/// </summary>
public sealed class AlertConfigs(IAlertConfigs configs, WebhookAddresses webhooks, KeyAlerts alerts, EventFactory events)
{
    public async Task<IReadOnlyList<AlertConfig>> ListAsync(Project project, CancellationToken cancellation)
        => [.. (await configs.OfAsync(project, cancellation)).Select(c => c.Document)];

    public async Task<Outcome<AlertConfig>> FindAsync(Project project, AlertConfigId id, CancellationToken cancellation)
        => (await LoadAsync(project, id, cancellation)).Map(c => c.Document);

    /// <param name="id">Intended: where it exists already, this was told twice, and it is answered as it is.</param>
    public async Task<Outcome<AlertConfig>> CreateAsync(Project project, AlertConfigId id, AlertConfigDraft draft, string actor, CancellationToken cancellation)
    {
        if (await configs.FindAsync(project.Id, id, cancellation) is { Document: var made })
            return made;
        if (!(await webhooks.KeepAsync(draft.As(id, project.Id, events.Now, events.Now), draft, before: null, cancellation)).IsOk(out var created, out var problem))
            return problem;
        if ((await configs.SaveAsync(created, 0, [Event(created, "ADDED", actor)], cancellation)).Saved)
            return await FollowedAsync(project, created, over: null, cancellation);
        // The same request beside us wrote the same boxes, and saved.
        await webhooks.ForgetUnusedAsync(created, (await configs.FindAsync(project.Id, id, CancellationToken.None))?.Document);
        return new Problem.Conflict($"Alert configuration {id}");
    }

    /// <summary>As a whole: what the draft leaves out is not kept.</summary>
    public async Task<Outcome<AlertConfig>> ReplaceAsync(Project project, AlertConfigId id, AlertConfigDraft draft, string actor, CancellationToken cancellation)
    {
        if (!(await LoadAsync(project, id, cancellation)).IsOk(out var stored, out var problem))
            return problem;
        var before = stored.Document;
        if (!(await webhooks.KeepAsync(draft.As(id, project.Id, before.Created, events.Now), draft, before, cancellation)).IsOk(out var after, out problem))
            return problem;
        var told = new List<ProjectEvent> { Event(after, "CHANGED", actor) };
        if (before.Enabled != after.Enabled)
            told.Add(Toggled(after, actor));
        if ((await configs.SaveAsync(after, stored.Version, told, cancellation)).Saved)
            return await FollowedAsync(project, after, over: before, cancellation);
        await webhooks.ForgetUnusedAsync(after, before);
        return new Problem.Conflict($"Alert configuration {id}");
    }

    public async Task<Outcome<AlertConfig>> ToggleAsync(Project project, AlertConfigId id, bool enabled, string actor, CancellationToken cancellation)
    {
        if (!(await LoadAsync(project, id, cancellation)).IsOk(out var stored, out var problem))
            return problem;
        if (stored.Document.Enabled == enabled)
            return stored.Document;
        var after = stored.Document with { Enabled = enabled, Updated = events.Now };
        return (await configs.SaveAsync(after, stored.Version, [Toggled(after, actor)], cancellation)).Saved
            ? await FollowedAsync(project, after, over: null, cancellation)
            : new Problem.Conflict($"Alert configuration {id}");
    }

    public async Task<Outcome<AlertConfig>> DeleteAsync(Project project, AlertConfigId id, string actor, CancellationToken cancellation)
    {
        if (!(await LoadAsync(project, id, cancellation)).IsOk(out var stored, out var problem))
            return problem;
        var config = stored.Document;
        ProjectEvent[] told = [Event(config, "DELETED", actor)];
        var saved = DefaultAlertConfigs.Of(project).Any(d => d.Id == id)
            ? await configs.SaveAsync(config with { Deleted = true, Notifications = [], Updated = events.Now }, stored.Version, told, cancellation)
            : await configs.DeleteAsync(config, stored.Version, told, cancellation);
        if (!saved.Saved)
            return new Problem.Conflict($"Alert configuration {id}");
        await webhooks.ForgetUnusedAsync(config, inForce: null);
        await alerts.SyncAsync(project, cancellation);
        return config;
    }

    private async Task<Outcome<Stored<AlertConfig>>> LoadAsync(Project project, AlertConfigId id, CancellationToken cancellation)
        => (await configs.OfAsync(project, cancellation)).FirstOrDefault(c => c.Document.Id == id) is { } found
            ? found
            : new Problem.AlertConfigNotFound(id.Value, project.Id.Value);

    /// <summary>It is saved: the boxes that only its predecessor named are over, and the open alerts follow.</summary>
    private async Task<AlertConfig> FollowedAsync(Project project, AlertConfig saved, AlertConfig? over, CancellationToken cancellation)
    {
        await webhooks.ForgetUnusedAsync(over, saved);
        await alerts.SyncAsync(project, cancellation);
        return saved;
    }

    private ProjectEvent Toggled(AlertConfig config, string actor) => Event(config, config.Enabled ? "ENABLED" : "DISABLED", actor);

    private ProjectEvent Event(AlertConfig config, string what, string actor)
        => events.Make(config.ProjectId, $"ALERT_CONFIG_{what}_AUDIT", actor,
            new(AlertDetails.ConfigId, config.Id.Value), new KeyValuePair<string, string>(AlertDetails.EventType, config.Type));
}

/// <summary>Names of details of events about alerts.</summary>
public static class AlertDetails
{
    public const string AlertId = "alertId";
    public const string ConfigId = "alertConfigId";
    public const string EventType = "eventTypeName";
    public const string KeySetAt = "keySetAt";
}
