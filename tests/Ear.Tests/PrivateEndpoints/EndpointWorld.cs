using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>A project with an Azure key in private, and a cloud in memory.</summary>
internal sealed class EndpointWorld
{
    public const string Region = "US_EAST_2";
    private readonly PrivateEndpointTerms terms = new(TimeSpan.FromHours(1), RefuseDeleteDuringProvisioning: false);
    private int made;

    public EndpointWorld()
    {
        Wishes = WishesOver(Store);
        Provisioning = ProvisioningOver(Store);
        Store.SaveAsync(Project, 0, [], default).GetAwaiter().GetResult();
    }

    public static AzureKeyVaultSettings Settings { get; } = new(
        AzureEnvironment.Azure, "00000000-0000-0000-0000-000000000001", "shop", "orders", "https://orders.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef",
        "00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-000000000003", "s", null)
    {
        RequirePrivateNetworking = true,
    };

    public static Project Project { get; } = new(ProjectId.FromValid(new string('1', 24)), OrgId.FromValid(new string('2', 24)), "shop", DateTimeOffset.UnixEpoch)
    {
        EncryptionAtRest = EncryptionAtRest.Off with { Azure = Settings },
    };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public InMemoryStore Store { get; } = new();

    public FakePrivateLink Cloud { get; } = new(KeyProvider.Azure);

    public PrivateEndpointWishes Wishes { get; }

    public PrivateEndpointProvisioning Provisioning { get; }

    public IReadOnlyList<PrivateEndpoint> All => [.. ((IPrivateEndpoints)Store).ListAsync(Project.Id, default).GetAwaiter().GetResult().Select(e => e.Document)];

    public IEnumerable<string> Events => Store.AllEvents.Select(e => $"{e.Type[e.Type.LastIndexOf('_')..].TrimStart('_')} {e.Details["privateEndpointId"]} {e.Actor}");

    public static PrivateEndpointId Id(int number) => PrivateEndpointId.FromValid($"{number:x24}");

    public PrivateEndpointWishes WishesOver(IPrivateEndpoints endpoints, IProjects? projects = null) => new(endpoints, projects ?? Store, new PrivateLinks([Cloud]), terms, Time);

    public PrivateEndpointProvisioning ProvisioningOver(IPrivateEndpoints endpoints) => new(endpoints, Store, new PrivateLinks([Cloud]), terms, Time);

    public async Task<PrivateEndpoint> MakeAsync() => (await PostAsync(Id(++made))).Value;

    public Task<Outcome<PrivateEndpoint>> PostAsync(PrivateEndpointId id) => Wishes.CreateAsync(Project, id, KeyProvider.Azure, Region, "owner", default);

    public Task<Outcome<PrivateEndpoint>> DeleteAsync(PrivateEndpointId id) => Wishes.DeleteAsync(Project.Id, KeyProvider.Azure, id, "owner", default);

    public Task<EndpointLook> LookAsync(PrivateEndpointId id) => Provisioning.LookAsync(new(Project.Id, id), default);

    public async Task<PrivateEndpoint> MakeActiveAsync()
    {
        var endpoint = await MakeAsync();
        await LookAsync(endpoint.Id);
        Cloud.Becomes(endpoint.Id, new PrivateLinkSight.Up("ear", "10.1.0.4"));
        await LookAsync(endpoint.Id);
        return All.Single(e => e.Id == endpoint.Id);
    }

    /// <summary>As the orchestrations would, by their clock, until nothing changes any more.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < 12; round++)
        {
            foreach (var endpoint in All)
                await LookAsync(endpoint.Id);
            Time.Advance(PrivateEndpointStates.Soon);
        }
    }
}
