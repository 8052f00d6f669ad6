using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>Orders the shut-down of the clusters that use a key (R37): one write with its events, then the consequences.</summary>
public sealed class KeyShutDown(IProjects projects, KeyUse use, KeyConsequences consequences, TimeProvider time)
{
    private const int MaxTries = 5;

    /// <summary>Does nothing unless the key is still due for it: a yes, or another key, may have come in between.</summary>
    /// <returns>True when it was this order that shut it down.</returns>
    public async Task<bool> OrderAsync(KeyRef key, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(key.Project, cancellation) is not { Document: { } project } stored || project.EncryptionAtRest.StandingOf(key.Provider) is not { } before)
                return false;
            var now = time.GetUtcNow();
            if (!before.IsDueForShutDown(now))
            {
                await consequences.DrawAsync(project, key.Provider, cancellation);
                return false;
            }
            var after = before.ShutDown(now);
            var affected = await use.ClustersUsingAsync(key.Project, key.Provider, cancellation);
            var changed = project.With(key.Provider, after);
            if (!(await projects.SaveAsync(changed, stored.Version, KeyNews.Of(key.Project, key.Provider, before, after, affected), cancellation)).Saved)
                continue;
            await consequences.DrawAsync(changed, key.Provider, cancellation);
            return true;
        }
        throw new InvalidOperationException($"Project {key.Project} was saved by others {MaxTries} times in a row; the shut-down is ordered again.");
    }
}
