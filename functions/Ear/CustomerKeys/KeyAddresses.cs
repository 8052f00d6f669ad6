using System.Collections.Immutable;

namespace Ear.CustomerKeys;

/// <summary>
/// Where a configuration may send Ear besides the providers' own addresses: local KMSs that the operator allows. An identifier is written by a
/// customer, and must not lead Ear's requests and tokens anywhere else.
/// </summary>
/// <param name="VaultHosts">Host and port as in a key identifier: <c>localhost:8443</c>.</param>
/// <param name="TokenUris">Token addresses that a Google service-account key may name.</param>
public sealed record KeyAddresses(ImmutableArray<string> VaultHosts, ImmutableArray<string> TokenUris)
{
    public static KeyAddresses ProvidersOnly { get; } = new([], []);
}
