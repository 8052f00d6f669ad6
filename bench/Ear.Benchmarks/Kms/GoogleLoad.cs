using System.Text;
using Ear.Local.Kms.Google;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Ear.Benchmarks.Kms;

/// <summary>Encrypt and Decrypt by the generated gRPC client, each with its token.</summary>
internal sealed class GoogleLoad : IKmsClient
{
    private readonly GrpcChannel channel;
    private readonly KeyManagementService.KeyManagementServiceClient kms;
    private readonly Metadata headers;
    private readonly string[] keys;

    private GoogleLoad(GrpcChannel channel, Metadata headers, string[] keys)
    {
        (this.channel, this.headers, this.keys) = (channel, headers, keys);
        kms = new(channel);
    }

    public string Name => "Google gRPC, Encrypt + Decrypt";

    public static async Task<GoogleLoad> StartAsync(LocalGoogleAddress address, int keyCount)
    {
        var account = CredentialFactory.FromFile<ServiceAccountCredential>(address.ServiceAccountKeyFile).ToGoogleCredential().CreateScoped("https://www.googleapis.com/auth/cloudkms");
        var token = await account.UnderlyingCredential.GetAccessTokenForRequestAsync();
        var channel = GrpcChannel.ForAddress(address.RestEndpoint);
        var headers = new Metadata { { "authorization", $"Bearer {token}" } };
        var kms = new KeyManagementService.KeyManagementServiceClient(channel);
        var ring = await kms.CreateKeyRingAsync(new CreateKeyRingRequest { Parent = $"projects/{address.ProjectId}/locations/global", KeyRingId = "load" }, headers);
        var keys = new string[keyCount];
        for (var n = 0; n < keyCount; n++)
        {
            var wish = new CryptoKey { Purpose = CryptoKey.Types.CryptoKeyPurpose.EncryptDecrypt };
            keys[n] = (await kms.CreateCryptoKeyAsync(new CreateCryptoKeyRequest { Parent = ring.Name, CryptoKeyId = $"load{n}", CryptoKey = wish }, headers)).Name;
        }
        return new(channel, headers, keys);
    }

    public async Task<byte[]> WrapAsync(int client, byte[] plaintext)
        => (await kms.EncryptAsync(new EncryptRequest { Name = KeyOf(client), Plaintext = ByteString.CopyFrom(plaintext), AdditionalAuthenticatedData = Bound(client) }, headers)).Ciphertext.ToByteArray();

    public async Task<byte[]> UnwrapAsync(int client, byte[] wrapped)
        => (await kms.DecryptAsync(new DecryptRequest { Name = KeyOf(client), Ciphertext = ByteString.CopyFrom(wrapped), AdditionalAuthenticatedData = Bound(client) }, headers)).Plaintext.ToByteArray();

    public ValueTask DisposeAsync()
    {
        channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private string KeyOf(int client) => keys[client % keys.Length];

    private static ByteString Bound(int client) => ByteString.CopyFrom($"client {client}", Encoding.UTF8);
}
