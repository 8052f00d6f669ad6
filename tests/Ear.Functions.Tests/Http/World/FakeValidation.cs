using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Functions.Tests.Http.World;

/// <summary>Checks and records, without consequences: those are the validation room's.</summary>
internal sealed class FakeValidation(IProjects projects, IEnumerable<ICustomerKey> providers, TimeProvider time) : IOnDemandValidation
{
    public async Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation)
    {
        if (await projects.FindAsync(project, cancellation) is not { } stored)
            return null;
        var changed = stored.Document;
        foreach (var kms in providers)
            changed = await CheckAsync(changed, kms, cancellation);
        if (changed != stored.Document)
            await projects.SaveAsync(changed, stored.Version, [], cancellation);
        return changed;
    }

    private async Task<Project> CheckAsync(Project project, ICustomerKey kms, CancellationToken cancellation)
    {
        if (project.KeyOf(kms.Provider) is not { } key || project.EncryptionAtRest.StandingOf(kms.Provider) is not { } standing)
            return project;
        var check = await kms.CheckAsync(key, standing.Canary, KeyContext.ForCanary(project.Id.Value), cancellation);
        var next = standing with { Last = check.Verdict, CheckedAt = time.GetUtcNow(), Valid = check.Verdict is KeyVerdict.Unknown ? standing.Valid : check.Verdict is KeyVerdict.Valid };
        return project with { EncryptionAtRest = project.EncryptionAtRest with { Standings = project.EncryptionAtRest.Standings.SetItem(kms.Provider, next) } };
    }
}
