using System.Net;
using System.Net.Sockets;
using Ear.CustomerKeys;

namespace Ear.Providers.AzureKeyVault;

/// <summary>
/// How connections to a vault are opened: to whatever its name leads to, or to private endpoints by their addresses. Only the way differs: TLS, the token and
/// the request are the vault's own in both, so an address that has come to belong to somebody else learns nothing and can answer nothing.
/// </summary>
internal sealed class VaultRoute
{
    private readonly IReadOnlyList<IPEndPoint> addresses;

    private VaultRoute(IReadOnlyList<IPEndPoint> addresses)
    {
        this.addresses = addresses;
        Name = string.Join(',', addresses);
    }

    public static VaultRoute Public { get; } = new([]);

    public bool IsPrivate => addresses.Count > 0;

    /// <summary>Equal for equal routes; empty for the public one.</summary>
    public string Name { get; }

    /// <param name="addresses">In the order in which they are tried; port 0: the vault's own.</param>
    public static VaultRoute Through(IReadOnlyList<IPEndPoint> addresses) => addresses.Count == 0 ? Public : new(addresses);

    /// <summary>Each address gets an equal share of the time, the last one all that is left: one endpoint that swallows packets does not hide the others.</summary>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint vault, TimeSpan within, TimeProvider time, CancellationToken cancellation)
    {
        foreach (var address in addresses.SkipLast(1))
        {
            using var share = new CancellationTokenSource(within / addresses.Count, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellation);
            try
            {
                return await ConnectAsync(address, vault.Port, either.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                // The next one's turn.
            }
        }
        return await ConnectAsync(addresses[^1], vault.Port, cancellation);
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address.Address, address.Port == 0 ? port : address.Port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A key, and how its vault is called at this moment.</summary>
internal sealed record RoutedKey(CustomerKey.Azure Key, VaultRoute Route)
{
    /// <summary>The endpoints lead to the vault that is configured. What an earlier one wrapped is opened there, by its public address.</summary>
    public VaultRoute To(VaultKeyName at) => VaultKeyName.TryParse(Key.KeyIdentifier, out var own) && own.Vault == at.Vault ? Route : VaultRoute.Public;
}
