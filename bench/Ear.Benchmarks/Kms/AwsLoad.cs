using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Ear.Local.Kms;

namespace Ear.Benchmarks.Kms;

/// <summary>Encrypt and Decrypt by the AWS SDK: each request is signed, and the signature checked.</summary>
internal sealed class AwsLoad : IKmsClient
{
    private readonly AmazonKeyManagementServiceClient kms;
    private readonly string[] keys;

    private AwsLoad(AmazonKeyManagementServiceClient kms, string[] keys) => (this.kms, this.keys) = (kms, keys);

    public string Name => "AWS SDK, Encrypt + Decrypt";

    public static async Task<AwsLoad> StartAsync(LocalAwsAddress address, int keyCount)
    {
        // No retries: what the service answers badly is counted.
        var kms = new AmazonKeyManagementServiceClient(
            address.AccessKeyId, address.SecretAccessKey, new AmazonKeyManagementServiceConfig { ServiceURL = address.Endpoint, AuthenticationRegion = address.Region, MaxErrorRetry = 0 });
        var keys = new string[keyCount];
        for (var n = 0; n < keyCount; n++)
            keys[n] = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.Arn;
        return new(kms, keys);
    }

    public async Task<byte[]> WrapAsync(int client, byte[] plaintext)
    {
        using var stream = new MemoryStream(plaintext);
        return (await kms.EncryptAsync(new EncryptRequest { KeyId = KeyOf(client), Plaintext = stream, EncryptionContext = Context(client) })).CiphertextBlob.ToArray();
    }

    public async Task<byte[]> UnwrapAsync(int client, byte[] wrapped)
    {
        using var stream = new MemoryStream(wrapped);
        return (await kms.DecryptAsync(new DecryptRequest { KeyId = KeyOf(client), CiphertextBlob = stream, EncryptionContext = Context(client) })).Plaintext.ToArray();
    }

    public ValueTask DisposeAsync()
    {
        kms.Dispose();
        return ValueTask.CompletedTask;
    }

    private string KeyOf(int client) => keys[client % keys.Length];

    private static Dictionary<string, string> Context(int client) => new() { ["client"] = $"{client}" };
}
