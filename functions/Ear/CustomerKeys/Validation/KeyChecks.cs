using Ear.Alerts;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.CustomerKeys.Validation;

/// <summary>Asks a provider about one key and draws the consequences: standing, events, alerts, woken clusters.</summary>
public sealed class KeyChecks(IProjects projects, IEnumerable<ICustomerKey> providers, KeyConsequences consequences, TimeProvider time, ILogger<KeyChecks> logger)
{
    private const int MaxTries = 5;

    /// <summary>A check that changes nothing is written down this often, so that a sweep of a healthy fleet hardly writes.</summary>
    private static readonly TimeSpan WriteAnyway = TimeSpan.FromHours(1);

    private readonly Dictionary<KeyProvider, ICustomerKey> _providers = providers.ToDictionary(p => p.Provider);

    /// <returns>The project as it stands afterwards. Idempotent: checked again, it stands the same.</returns>
    public async Task<Project> CheckAsync(Project project, KeyProvider provider, CheckTrigger trigger, CancellationToken cancellation)
    {
        var (learnt, standing) = await AskAsync(project, provider, trigger, cancellation);
        return learnt ?? (standing is null ? project : project.With(provider, standing));
    }

    /// <summary>Writes down what a check of <paramref name="key"/> said, unless the project has another key by now.</summary>
    public async Task<Project?> LearnAsync(ProjectId id, CustomerKey key, KeyCheck check, CheckTrigger trigger, CancellationToken cancellation)
    {
        if (check.Verdict is KeyVerdict.Unknown { Reason: UnknownReason.OurFault } fault)
            Log.OurFault(logger, key.Provider, id.Value, fault.Detail);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { Document: { } project } stored)
                return null;
            if (project.KeyOf(key.Provider) != key || project.EncryptionAtRest.StandingOf(key.Provider) is not { } before)
                return project;
            var after = before.After(check, trigger, time.GetUtcNow());
            var changed = project.With(key.Provider, after);
            if (IsWorthWriting(before, after) && !(await projects.SaveAsync(changed, stored.Version, KeyNews.Of(id, key.Provider, before, after, []), cancellation)).Saved)
                continue;
            await consequences.DrawAsync(changed, key.Provider, cancellation);
            return changed;
        }
        throw new InvalidOperationException($"Project {id} was saved by others {MaxTries} times in a row; the next check tries again.");
    }

    /// <summary>
    /// A key that was well, and is, has nothing to write and nothing to draw: of a healthy fleet that is nearly every check, and the store
    /// is not asked again for it. Should the project have changed meanwhile, its next check sees that.
    /// </summary>
    /// <returns>The project as it was written down, if it was; else only how the key stands.</returns>
    internal async Task<(Project? Learnt, KeyStanding? Standing)> AskAsync(Project project, KeyProvider provider, CheckTrigger trigger, CancellationToken cancellation)
    {
        if (project.KeyOf(provider) is not { } key || project.EncryptionAtRest.StandingOf(provider) is not { } before)
            return (null, project.EncryptionAtRest.StandingOf(provider));
        var check = await _providers[provider].CheckAsync(key, before.Canary, KeyContext.ForCanary(project.Id.Value), cancellation);
        var after = before.After(check, trigger, time.GetUtcNow());
        return !IsWorthWriting(before, after) && consequences.AreDrawn(after)
            ? (null, after)
            : (await LearnAsync(project.Id, key, check, trigger, cancellation), before);
    }

    private static bool IsWorthWriting(KeyStanding before, KeyStanding after)
        => !after.LooksLike(before) || after.SuspectedSince != before.SuspectedSince || after.UnknownInARow != before.UnknownInARow
            || after.CheckedAt - before.CheckedAt >= WriteAnyway;
}

public static class ProjectStandings
{
    public static Project With(this Project project, KeyProvider provider, KeyStanding standing) => project with
    {
        EncryptionAtRest = project.EncryptionAtRest with { Standings = project.EncryptionAtRest.Standings.SetItem(provider, standing) },
    };
}
