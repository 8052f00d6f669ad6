using Azure.Core;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzurePrivateLink;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.AzurePrivateLink;

/// <summary>The provider as the app registers it, against the stand-in for Azure Resource Manager.</summary>
internal sealed class AzureLinkWorld : IAsyncDisposable
{
    public const string Subnet = ArmStandIn.Subnet;
    private const string Record = "/providers/Microsoft.Resources/deployments";
    private readonly LogLines log = new();
    private ServiceProvider services = null!;

    private AzureLinkWorld()
    {
    }

    public static PrivateLinkOrder Order { get; } = new(
        PrivateEndpointId.FromValid(new string('a', 24)), ProjectId.FromValid(new string('1', 24)), KeyProvider.Azure, "US_EAST_2",
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/orders");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ArmStandIn Arm { get; private set; } = null!;

    public IPrivateLink Link => services.GetRequiredService<IPrivateLink>();

    public IReadOnlyList<string> Logged => log.Lines;

    public static async Task<AzureLinkWorld> StartAsync(Dictionary<string, string?>? settings = null)
    {
        var world = new AzureLinkWorld();
        world.Arm = await ArmStandIn.StartAsync(world.Time);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(world.Arm.Settings("US_EAST_2", "EUROPE_WEST")).AddInMemoryCollection(settings ?? []).Build();
        world.services = new ServiceCollection()
            .AddSingleton<TimeProvider>(world.Time)
            .AddSingleton<TokenCredential>(new AnyToken())
            .AddLogging(l => l.SetMinimumLevel(LogLevel.Information).AddProvider(world.log))
            .AddAzurePrivateLink(configuration)
            .BuildServiceProvider();
        return world;
    }

    public Task<PrivateLinkSight> EnsureAsync() => Link.EnsureAsync(Order, TestContext.Current.CancellationToken);

    public Task<PrivateLinkSight> LookAsync() => Link.LookAsync(Order, TestContext.Current.CancellationToken);

    public Task<PrivateLinkSight> DeleteAsync() => Link.DeleteAsync(Order, TestContext.Current.CancellationToken);

    /// <summary>Until it waits for the customer.</summary>
    public async Task MakeAsync()
    {
        await EnsureAsync();
        Arm.Work();
        Arm.Work();
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await EnsureAsync());
    }

    /// <summary>The next requests of this kind to the deployment go wrong.</summary>
    public ArmFault Fails(string method, int status, string code = "", string message = "") => Fails(new ArmFault($"{method} {Record}", status, code, message));

    public ArmFault Fails(ArmFault fault)
    {
        Arm.Faults.Add(fault);
        return fault;
    }

    public int Asked(string what) => Arm.Requests.Count(r => r.StartsWith(what, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Arm.DisposeAsync();
    }
}
