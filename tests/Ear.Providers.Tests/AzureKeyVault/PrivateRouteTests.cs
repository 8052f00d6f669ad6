using System.Net;
using System.Net.Sockets;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzureKeyVault;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>Which way a vault is called: by its name, or through the private endpoints of the key's project (R62). The name leads nowhere here, so whoever answers was reached in private.</summary>
public sealed class PrivateRouteTests : IAsyncDisposable
{
    private const string Target = "/subscriptions/bbbbbbbb-0000-0000-0000-000000000002/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/orders";
    private static readonly ProjectId Project = ProjectId.FromValid("0123456789abcdef01234567");
    private readonly ClosedPort closed = new();
    private StubAzure azure = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        closed.Dispose();
        if (azure is not null)
            await azure.DisposeAsync();
    }

    [Fact]
    public async Task An_active_endpoint_is_the_way()
    {
        await OpenAsync();
        await PutAsync('a', PrivateEndpointStatus.Active);

        Assert.Contains("orders.vault.localhost", await HostAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PrivateEndpointStatus.Initiating)]
    [InlineData(PrivateEndpointStatus.PendingAcceptance)]
    [InlineData(PrivateEndpointStatus.Failed)]
    [InlineData(PrivateEndpointStatus.PendingRecreation)]
    [InlineData(PrivateEndpointStatus.Deleting)]
    public async Task No_other_state_of_an_endpoint_is(PrivateEndpointStatus status)
    {
        await OpenAsync();
        await PutAsync('a', status);

        await NotReachedAsync();
    }

    [Fact]
    public async Task Nor_is_the_endpoint_of_another_project_to_another_vault_or_without_an_address()
    {
        await OpenAsync();
        await PutAsync('a', PrivateEndpointStatus.Active, e => e with { ProjectId = ProjectId.FromValid(new string('2', 24)) });
        await PutAsync('b', PrivateEndpointStatus.Active, e => e with { Target = Target + "-2", RegionName = "US_EAST" });
        await PutAsync('c', PrivateEndpointStatus.Active, e => e with { Address = null, RegionName = "US_WEST" });

        await NotReachedAsync();
    }

    [Fact]
    public async Task A_project_that_does_not_want_it_goes_by_the_public_address()
    {
        await OpenAsync();
        await PutAsync('a', PrivateEndpointStatus.Active);

        await NotReachedAsync(azure.Key with { PrivateTarget = null });
    }

    [Fact]
    public async Task What_another_vault_wrapped_is_opened_there_by_its_public_address()
    {
        await OpenAsync();
        await PutAsync('a', PrivateEndpointStatus.Active);
        var elsewhere = azure.Canary with { KeyIdentifier = azure.Canary.KeyIdentifier.Replace("orders.", "former.", StringComparison.Ordinal) };

        Assert.Equal(UnknownReason.NetworkUnreachable, Assert.IsType<KeyVerdict.Unknown>((await azure.CheckAsync(azure.Key with { PrivateTarget = Target }, elsewhere)).Verdict).Reason);
        Assert.Empty(azure.Requests);
    }

    [Fact]
    public async Task It_is_looked_at_anew_for_each_call()
    {
        await OpenAsync();
        await NotReachedAsync();
        var stored = await PutAsync('a', PrivateEndpointStatus.Active);
        await HostAsync();
        azure.Requests.Clear();

        await azure.Endpoints.SaveAsync(stored with { Status = PrivateEndpointStatus.PendingRecreation }, 1, [], Cancellation);
        await NotReachedAsync();
    }

    [Fact]
    public async Task Of_two_endpoints_one_that_does_not_answer_hides_nothing()
    {
        await OpenAsync();
        await PutAsync('a', PrivateEndpointStatus.Active, e => e with { Address = $"127.0.0.1:{closed.Port}" });
        await PutAsync('b', PrivateEndpointStatus.Active, e => e with { RegionName = "US_EAST" });

        Assert.Contains("orders.vault.localhost", await HostAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_silent_gives_up_its_place_to_the_next()
    {
        var time = new FakeTimeProvider();
        using var silent = new SilentPort();
        using var answering = new TcpListener(IPAddress.Loopback, 0);
        answering.Start();
        var route = VaultRoute.Through([silent.Address, (IPEndPoint)answering.LocalEndpoint]);

        var connected = route.ConnectAsync(new DnsEndPoint("orders.vault.azure.net", 443), TimeSpan.FromSeconds(3), time, Cancellation).AsTask();
        Assert.False(connected.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1.5));

        await using var stream = await connected;
        using var peer = await answering.AcceptTcpClientAsync(Cancellation);
        Assert.True(peer.Connected);
    }

    [Fact]
    public async Task An_endpoint_that_leads_to_somebody_else_is_not_believed()
    {
        await OpenAsync("other.vault.example");
        await PutAsync('a', PrivateEndpointStatus.Active);

        await NotReachedAsync();
    }

    [Fact]
    public async Task A_vault_that_is_closed_to_public_networks_is_used_through_its_endpoint_and_approval_taken_back_is_no_no()
    {
        await using var world = await AzureWorld.StartAsync();
        var key = world.AzureKey with { PrivateTarget = Target };
        var context = KeyContext.ForCanary(Project.Value);
        var wrapped = (await world.Provider.WrapAsync(key, new byte[32], context, Cancellation)).Value!;
        world.Azure.Access.Network = Ear.Local.Kms.Azure.Vault.NetworkRule.PrivateLinkOnly;
        Assert.Equal(UnknownReason.NetworkAccessDenied, Assert.IsType<KeyVerdict.Unknown>((await world.Provider.CheckAsync(key, wrapped, context, Cancellation)).Verdict).Reason);

        var endpoint = new PrivateEndpoint(PrivateEndpointId.FromValid(new string('a', 24)), Project, KeyProvider.Azure, "US_EAST_2", Target, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)
        {
            Status = PrivateEndpointStatus.Active,
            Address = world.Azure.PrivateAddress,
        };
        await world.Endpoints.SaveAsync(endpoint, 0, [], Cancellation);
        world.Azure.Access.HasApprovedConnection = () => true;
        Assert.IsType<KeyVerdict.Valid>((await world.Provider.CheckAsync(key, wrapped, context, Cancellation)).Verdict);
        Assert.NotNull((await world.Provider.WrapAsync(key, new byte[32], context, Cancellation)).Value);

        world.Azure.Access.HasApprovedConnection = () => false;
        Assert.Equal(UnknownReason.NetworkAccessDenied, Assert.IsType<KeyVerdict.Unknown>((await world.Provider.UnwrapAsync(key, wrapped, context, Cancellation)).Verdict).Reason);
    }

    private async Task OpenAsync(string host = "orders.vault.localhost")
        => azure = await StubAzure.StartAsync(o => o.VaultHosts += $",former.vault.localhost:{closed.Port}", $"{host}:{closed.Port}");

    private async Task<PrivateEndpoint> PutAsync(char id, PrivateEndpointStatus status, Func<PrivateEndpoint, PrivateEndpoint>? change = null)
    {
        var endpoint = new PrivateEndpoint(
            PrivateEndpointId.FromValid(new string(id, 24)), Project, KeyProvider.Azure, "US_EAST_2", Target, azure.Time.GetUtcNow(), azure.Time.GetUtcNow())
        { Status = status, Address = $"127.0.0.1:{azure.Port}" };
        endpoint = change?.Invoke(endpoint) ?? endpoint;
        Assert.True((await azure.Endpoints.SaveAsync(endpoint, 0, [], Cancellation)).Saved);
        return endpoint;
    }

    /// <summary>Whom the vault was asked as.</summary>
    private async Task<string> HostAsync()
    {
        string? host = null;
        azure.Vault = http =>
        {
            host = http.Request.Host.Value;
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        await azure.CheckAsync(azure.Key with { PrivateTarget = Target.ToUpperInvariant() }, azure.Canary);
        Assert.NotEmpty(azure.Requests);
        return host!;
    }

    private async Task NotReachedAsync(CustomerKey.Azure? key = null)
    {
        var check = await azure.CheckAsync(key ?? azure.Key with { PrivateTarget = Target }, azure.Canary);

        Assert.IsType<KeyVerdict.Unknown>(check.Verdict);
        Assert.Empty(azure.Requests);
    }

    /// <summary>Refuses connections, and is nobody else's meanwhile.</summary>
    private sealed class ClosedPort : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public ClosedPort() => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

        public void Dispose() => socket.Dispose();
    }

    /// <summary>Its queue is full: further connections are neither taken nor refused.</summary>
    private sealed class SilentPort : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> queue = [];

        public SilentPort()
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Listen(0);
            for (var waiting = 0; waiting < 4; waiting++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                queue.Add(client);
                try
                {
                    client.Connect(Address);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // As meant: nobody waits for it.
                }
            }
        }

        public IPEndPoint Address => (IPEndPoint)socket.LocalEndPoint!;

        public void Dispose()
        {
            queue.ForEach(q => q.Dispose());
            socket.Dispose();
        }
    }
}
