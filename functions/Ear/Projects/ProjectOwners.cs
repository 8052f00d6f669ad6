using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>
/// Sees to it that a project keeps an owner: a credential with the role Project Owner that can sign in. Organisation owners only read, so without one nobody could
/// change the project any more. Changes that could take the last one wait for each other here; with several instances of the app two of them at the very same
/// moment could still, which <see cref="Bootstrap"/> mends for the first project.
/// </summary>
public sealed class ProjectOwners(IProjectCredentials<ApiKey> keys, IProjectCredentials<ServiceAccount> accounts, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    public async Task<IDisposable> TurnAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        return new Turn(turn);
    }

    /// <summary>Null: somebody owns the project after the change, or nobody less than before.</summary>
    public async Task<Problem?> RefusedAsync<T>(ProjectId project, T before, T after, CancellationToken cancellation)
        where T : class, ICredential<T>
    {
        if (!Owns(before, project) || Owns(after, project))
            return null;
        var others = (await keys.ListAsync(project, cancellation)).Any(k => !IsIt(before, k.Document) && Owns(k.Document, project))
            || (await accounts.ListAsync(project, cancellation)).Any(a => !IsIt(before, a.Document) && Owns(a.Document, project));
        return others ? null : new Problem.LastOwner(project.Value, Goes: !after.ProjectRoles.ContainsKey(project) || !after.CanSignIn(time.GetUtcNow()));
    }

    public void Dispose() => turn.Dispose();

    private static bool IsIt<TOne, TOther>(TOne one, TOther other)
        where TOne : class, ICredential<TOne>
        where TOther : class, ICredential<TOther>
        => typeof(TOne) == typeof(TOther) && one.PublicPart == other.PublicPart;

    private bool Owns<T>(T credential, ProjectId project)
        where T : class, ICredential<T>
        => credential.CanSignIn(time.GetUtcNow()) && credential.ProjectRoles.GetValueOrDefault(project, []).Contains(Role.ProjectOwner.AtlasName);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
