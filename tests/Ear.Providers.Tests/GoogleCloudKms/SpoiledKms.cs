using Ear.Local.Kms;
using Ear.Local.Kms.Google.Port;
using Google.Cloud.Kms.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Providers.Tests.GoogleCloudKms;

/// <summary>A Cloud KMS whose key does nothing at all, and whose answers a test spoils on their way.</summary>
internal sealed class SpoiledKms : KeyManagementService.KeyManagementServiceBase, IAsyncDisposable
{
    private Listener listener = null!;
    private int encrypted;
    private int decrypted;

    public Uri Url => new(listener.Url);

    public int Encrypted => encrypted;

    public int Decrypted => decrypted;

    public Action<EncryptResponse> OfEncrypt { get; set; } = _ => { };

    public Action<DecryptResponse> OfDecrypt { get; set; } = _ => { };

    /// <summary>Before anything of gRPC; false: it has answered.</summary>
    public Func<HttpContext, Task<bool>> Http { get; set; } = _ => Task.FromResult(true);

    public static async Task<SpoiledKms> StartAsync()
    {
        var kms = new SpoiledKms();
        kms.listener = await Listener.StartAsync(
            "a spoiled Cloud KMS", 0,
            new ListenerSetup(app =>
            {
                app.Use(async (http, next) =>
                {
                    if (await kms.Http(http))
                        await next(http);
                });
                app.MapGrpcService<SpoiledKms>();
            })
            {
                Services = services =>
                {
                    OnePort.AddTo(services, () => throw new NotSupportedException("This one is asked without TLS."));
                    services.AddGrpc(o => o.MaxSendMessageSize = null);
                    services.AddSingleton(kms);
                },
            },
            TestContext.Current.CancellationToken);
        return kms;
    }

    public override Task<EncryptResponse> Encrypt(EncryptRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref encrypted);
        var response = new EncryptResponse
        {
            Name = request.Name,
            Ciphertext = request.Plaintext,
            CiphertextCrc32C = request.PlaintextCrc32C,
            VerifiedPlaintextCrc32C = true,
            VerifiedAdditionalAuthenticatedDataCrc32C = true,
        };
        OfEncrypt(response);
        return Task.FromResult(response);
    }

    public override Task<DecryptResponse> Decrypt(DecryptRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref decrypted);
        var response = new DecryptResponse { Plaintext = request.Ciphertext, PlaintextCrc32C = request.CiphertextCrc32C };
        OfDecrypt(response);
        return Task.FromResult(response);
    }

    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
