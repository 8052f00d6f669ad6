namespace Ear.Providers.AzureSecrets;

/// <summary>A data key as it lies in the store.</summary>
/// <param name="Id">24 hexadecimal characters; stands in clear before each box that is sealed under it.</param>
/// <param name="KeyIdentifier">The vault's key with the version that wrapped it, and must unwrap it.</param>
/// <param name="Wrapped">By RSA-OAEP-256: the id's 12 bytes, which bind it, and the key's 32.</param>
internal sealed record WrappedDataKey(string Id, string KeyIdentifier, byte[] Wrapped, DateTimeOffset Created);
