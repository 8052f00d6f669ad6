using System.Collections.Concurrent;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

public sealed class OnDemandValidation(IProjects projects, KeyChecks checks, TimeProvider time) : IOnDemandValidation
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ProjectId, Lazy<Task<Project?>>> _running = new();

    public async Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation)
    {
        var flight = _running.GetOrAdd(project, id => new(() => FlyAsync(id)));
        try
        {
            // A caller that hangs up leaves the flight to the others.
            return await flight.Value.WaitAsync(cancellation);
        }
        finally
        {
            if (flight.Value.IsCompleted)
                _running.TryRemove(new(project, flight));
        }
    }

    private async Task<Project?> FlyAsync(ProjectId id)
    {
        var project = (await projects.FindAsync(id, CancellationToken.None))?.Document;
        if (project?.EncryptionAtRest.Standings.Keys.Where(project.EncryptionAtRest.IsEnabled).ToList() is not { Count: > 0 } enabled)
            return project;
        // All at once: three providers that do not answer must not take three budgets.
        var checkedNow = await Task.WhenAll(enabled.Select(provider => CheckAsync(project, provider)));
        return checkedNow.Length == 1 ? checkedNow[0] : (await projects.FindAsync(id, CancellationToken.None))?.Document;
    }

    private async Task<Project> CheckAsync(Project project, KeyProvider provider)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        try
        {
            return await checks.CheckAsync(project, provider, CheckTrigger.OnDemand, budget.Token);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
            var late = new KeyCheck(new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "No answer within 10 s."), KeyFacts.None);
            return project.KeyOf(provider) is { } key
                ? await checks.LearnAsync(project.Id, key, late, CheckTrigger.OnDemand, CancellationToken.None) ?? project
                : project;
        }
    }
}
