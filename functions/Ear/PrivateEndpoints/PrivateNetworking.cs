using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>Looks up what <see cref="PrivateNetworkRules"/> decides on.</summary>
public sealed class PrivateNetworking(IPrivateEndpoints endpoints, IClusters clusters, PrivateLinks links)
{
    /// <summary>Of the project, all; asks nobody while no key of the project is used in private, for then there are none that matter.</summary>
    public async Task<IReadOnlyList<PrivateEndpoint>> EndpointsAsync(Project project, CancellationToken cancellation)
        => Enum.GetValues<KeyProvider>().Any(p => PrivateNetworkRules.RequirePrivate(project.EncryptionAtRest.SettingsOf(p)))
            ? [.. (await endpoints.ListAsync(project.Id, cancellation)).Select(e => e.Document)]
            : [];

    public async Task<Problem?> RefusedAsync(Project project, KeyChanges changes, CancellationToken cancellation)
    {
        if (changes.Changes.IsEmpty)
            return null;
        if (NotRun(project, changes) is { } notRun)
            return notRun;
        var there = (await endpoints.ListAsync(project.Id, cancellation)).Select(e => e.Document).ToList();
        var all = (await clusters.ListAsync(project.Id, cancellation)).Select(c => c.Document).ToList();
        return PrivateNetworkRules.Refused(project, changes, there, all);
    }

    /// <summary>Whoever asks for it where no private link can be made is told, not fobbed off.</summary>
    private Problem.NotRunHere? NotRun(Project project, KeyChanges changes)
        => changes.Changes.OfType<KeyChange.Configure>()
            .Where(c => PrivateNetworkRules.RequirePrivate(c.Settings) && !PrivateNetworkRules.RequirePrivate(project.EncryptionAtRest.SettingsOf(c.Provider)) && links.Of(c.Provider) is null)
            .Select(c => new Problem.NotRunHere($"{(c.Provider is KeyProvider.Azure ? "azureKeyVault" : "awsKms")}.requirePrivateNetworking", "Private networking to a KMS"))
            .FirstOrDefault();
}
