using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Functions.Tests.Http.World;

/// <summary>Checks and records, without consequences: those are the validation room's.</summary>
internal sealed class FakeValidation(IProjects projects, FakeKms kms, TimeProvider time) : IOnDemandValidation
{
    public async Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation)
    {
        if (await projects.FindAsync(project, cancellation) is not { } stored)
            return null;
        if (stored.Document is not { EncryptionAtRest.Aws: { } aws } p || p.KeyOf(aws) is not { } key || p.EncryptionAtRest.StandingOf(KeyProvider.Aws) is not { } standing)
            return stored.Document;
        var check = await kms.CheckAsync(key, standing.Canary, KeyContext.ForCanary(project.Value), cancellation);
        var next = standing with { Last = check.Verdict, CheckedAt = time.GetUtcNow(), Valid = check.Verdict is KeyVerdict.Unknown ? standing.Valid : check.Verdict is KeyVerdict.Valid };
        var changed = p with { EncryptionAtRest = p.EncryptionAtRest with { Standings = p.EncryptionAtRest.Standings.SetItem(KeyProvider.Aws, next) } };
        await projects.SaveAsync(changed, stored.Version, [], cancellation);
        return changed;
    }
}
