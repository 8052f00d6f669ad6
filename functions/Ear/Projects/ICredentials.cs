using System.Collections.Immutable;
using Ear.Alerts;

namespace Ear.Projects;

/// <summary>Who may ask. Keys are found by their public part.</summary>
public interface ICredentials
{
    Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation);

    Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation);

    Task SaveAsync(ApiKey key, CancellationToken cancellation);

    Task SaveAsync(ServiceAccount account, CancellationToken cancellation);

    /// <summary>Gives a credential, found by its public part, these roles in a project; what else it holds, and who else changes it, is not touched. A key comes before a service account of its name; nothing for a credential that is none.</summary>
    Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation);

    /// <summary>No credential has a role in the project any more.</summary>
    Task ForgetAsync(ProjectId project, CancellationToken cancellation);
}

/// <summary>Credentials of one kind as resources of the projects in which they have roles. A save and the events that tell of it are one atomic write; the events are of one project.</summary>
public interface IProjectCredentials<T>
    where T : class, ICredential<T>
{
    Task<Stored<T>?> FindAsync(string publicPart, CancellationToken cancellation);

    /// <summary>Those with a role in the project, in the ordinal order of their public parts.</summary>
    Task<IReadOnlyList<Stored<T>>> ListAsync(ProjectId project, CancellationToken cancellation);

    /// <param name="expectedVersion">The version that was loaded; 0 to create.</param>
    Task<SaveResult> SaveAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    /// <summary>Counts with the next request.</summary>
    Task<SaveResult> DeleteAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);
}
