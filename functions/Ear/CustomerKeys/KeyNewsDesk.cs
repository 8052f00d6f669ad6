using Ear.Alerts;
using Ear.CustomerKeys.Validation;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>What is said, and what follows, when a configuration has changed.</summary>
public sealed class KeyNewsDesk(IOnDemandValidation validation, EventFactory events)
{
    public KeyStanding NewStanding(KeyProven proven) => new(true, new KeyVerdict.Valid(), events.Now, proven.Canary, events.Now) { Facts = proven.Facts, ChangedAt = events.Now };

    public IReadOnlyList<ProjectEvent> Announced(Project before, KeyChanges changes, string actor)
    {
        var told = new List<ProjectEvent>();
        foreach (var change in changes.Changes)
        {
            told.Add(Of("UPDATED", change.Provider.AtlasName()));
            // The old key's age counts no more; its alert closes (R53, R96).
            if (change is KeyChange.Configure { Renews: true } && before.EncryptionAtRest.IsEnabled(change.Provider))
                told.Add(events.Make(before.Id, KeyNews.KeyRotated(change.Provider), actor, new KeyValuePair<string, string>(KeyNews.ProviderDetail, change.Provider.AtlasName())));
            if (change is KeyChange.Configure)
                told.Add(Of("VALIDATION_SUCCEEDED", change.Provider.AtlasName()));
        }
        return told.Count > 0 ? told : [events.Make(before.Id, "ENCRYPTION_AT_REST_CONFIGURATION_UPDATED", actor)];

        ProjectEvent Of(string what, string provider)
            => events.Make(before.Id, $"ENCRYPTION_AT_REST_CONFIGURATION_{what}", actor, new KeyValuePair<string, string>("provider", provider));
    }

    /// <summary>
    /// Other credentials for a key that was invalid: the validation room draws the consequences (alerts, restart), now. If we die
    /// before, the next check does.
    /// </summary>
    public async Task<Outcome<Project>> RecoveredAsync(Project saved, CancellationToken cancellation)
        => saved.EncryptionAtRest.Standings.Values.Any(s => s is { Valid: false } or { NetworkAccessDenied: true })
            && await validation.CheckNowAsync(saved.Id, cancellation) is { } checkedNow
                ? checkedNow
                : saved;
}
