using System.Collections.Immutable;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.CustomerKeys.Validation;

/// <summary>The parts of a sweep over all projects. Memory is bounded by a shard, the load on the providers by <see cref="ParallelChecks"/>.</summary>
public sealed class KeySweep(IProjects projects, KeyChecks checks, TimeProvider time, ILogger<KeySweep> logger) : IDisposable
{
    public const int ShardSize = 500;

    /// <summary>In this process, over all shards that run at once: 256 checks of 20 ms are 12,800 a second.</summary>
    public const int ParallelChecks = 256;

    private const int MaxTries = 3;

    private readonly SemaphoreSlim _running = new(ParallelChecks);

    /// <summary>The last project of this shard, after which the next one begins; null when there is none.</summary>
    public async Task<string?> NextShardAsync(string? start, CancellationToken cancellation)
        => await projects.NextPageAsync(start, ShardSize, cancellation);

    /// <param name="end">Its last project, as <see cref="NextShardAsync"/> told; null: to the end of all.</param>
    public async Task<SweepFindings> CheckShardAsync(string? start, string? end, CancellationToken cancellation)
    {
        var findings = SweepFindings.None;
        do
        {
            var page = await projects.PageAsync(start, ShardSize, cancellation);
            var within = end is null ? page.Items : page.Items.TakeWhile(p => string.CompareOrdinal(p.Id.Value, end) <= 0);
            findings = findings.Add(await CheckAsync(KeysOf(within), cancellation));
            start = page.Continuation;
        }
        while (start is not null && (end is null || string.CompareOrdinal(start, end) < 0));
        return findings;
    }

    /// <summary>The second look at ambiguous answers.</summary>
    public async Task<SweepFindings> ConfirmAsync(IReadOnlyList<KeyRef> suspects, CancellationToken cancellation)
    {
        var keys = new List<(Project, KeyProvider)>();
        foreach (var suspect in suspects)
        {
            if (await projects.FindAsync(suspect.Project, cancellation) is { } stored)
                keys.Add((stored.Document, suspect.Provider));
        }
        return await CheckAsync(keys, cancellation) with { Configurations = ImmutableDictionary<KeyProvider, int>.Empty };
    }

    public void Dispose() => _running.Dispose();

    private static IEnumerable<(Project Project, KeyProvider Provider)> KeysOf(IEnumerable<Project> projects)
    {
        foreach (var project in projects)
        {
            foreach (var (provider, _) in project.EncryptionAtRest.Standings)
            {
                if (project.EncryptionAtRest.IsEnabled(provider))
                    yield return (project, provider);
            }
        }
    }

    private async Task<SweepFindings> CheckAsync(IEnumerable<(Project Project, KeyProvider Provider)> keys, CancellationToken cancellation)
    {
        var tally = new SweepTally();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = ParallelChecks, CancellationToken = cancellation }, async (key, token) =>
        {
            // Without the token, which would cost each waiter several objects: places are given back at once when the sweep is cancelled.
            await _running.WaitAsync(CancellationToken.None);
            try
            {
                token.ThrowIfCancellationRequested();
                await CheckAsync(key.Project, key.Provider, tally, token);
            }
            finally
            {
                _running.Release();
            }
        });
        return tally.Findings();
    }

    // A lost answer of the store is asked for again: its finding must not wait for the next sweep. A bug, or a store that is busy,
    // with one key must not keep all others from being checked.
    private async Task CheckAsync(Project project, KeyProvider provider, SweepTally tally, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                // Not CheckAsync: of a healthy fleet, no project is to be made anew.
                var (learnt, standing) = await checks.AskAsync(project, provider, CheckTrigger.Scheduled, cancellation);
                tally.Add(project.Id, provider, learnt is null ? standing : learnt.EncryptionAtRest.StandingOf(provider), time.GetUtcNow());
                return;
            }
            catch (Exception fault) when (!cancellation.IsCancellationRequested)
            {
                if (tries < MaxTries)
                    continue;
                Log.NotChecked(logger, provider, project.Id.Value, fault);
                return;
            }
        }
    }
}
