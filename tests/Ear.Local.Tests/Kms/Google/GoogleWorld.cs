using System.Text.Json;
using Ear.Local.Kms;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google;
using Ear.Local.Kms.Google.Iam.Wire;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>A local Google Cloud in a folder of its own, with the generated gRPC client and Google's own authentication library pointed at it.</summary>
internal sealed class GoogleWorld : IAsyncDisposable
{
    public const string Location = $"projects/{GoogleService.CustomerProject}/locations/global";
    public const string Ring = $"{Location}/keyRings/orders";
    public const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

    private readonly List<IDisposable> disposables = [];
    private KmsDocuments documents = null!;

    private GoogleWorld(string folder, TimeProvider time) => (Folder, Time) = (folder, time);

    public GoogleService Service { get; private set; } = null!;

    public string Folder { get; }

    public TimeProvider Time { get; }

    public Faults Faults { get; } = new();

    public RequestLog Log { get; } = new();

    /// <summary>The customer's administrator.</summary>
    public KeyManagementService.KeyManagementServiceClient Customer { get; private set; } = null!;

    public HttpClient Rest { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<GoogleWorld> StartAsync(TimeProvider? time = null)
    {
        var world = new GoogleWorld(Directory.CreateTempSubdirectory("ear-google-").FullName, time ?? TimeProvider.System);
        await world.OpenAsync(port: 0);
        await world.Customer.CreateKeyRingAsync(new CreateKeyRingRequest { Parent = Location, KeyRingId = "orders" });
        return world;
    }

    public async Task RestartAsync()
    {
        var port = Service.Port;
        await CloseAsync();
        await OpenAsync(port);
    }

    /// <summary>With the token that Google's library gets for a key file.</summary>
    public async Task<KeyManagementService.KeyManagementServiceClient> ClientAsync(string keyFile) => new(Invoker(await TokenAsync(keyFile)));

    public Task<KeyManagementService.KeyManagementServiceClient> EarAsync() => ClientAsync(Service.EarServiceAccountKeyFile);

    public KeyManagementService.KeyManagementServiceClient Anonymous() => new(Channel());

    /// <summary>The administrator by a fresh credential of the service's present time: tokens of before expire when its clock is put on.</summary>
    public KeyManagementService.KeyManagementServiceClient CustomerNow() => new(Invoker(Jwts.SelfSigned(this)));

    public async Task<IAMPolicy.IAMPolicyClient> IamAsync(string keyFile) => new(Invoker(await TokenAsync(keyFile)));

    public CallInvoker Invoker(string token) => new WithToken(Channel().CreateCallInvoker(), token);

    /// <param name="selfSigned">A JWT by the account itself instead of a token from the token endpoint.</param>
    public static async Task<string> TokenAsync(string keyFile, bool selfSigned = false)
    {
        var credential = CredentialFactory.FromFile<ServiceAccountCredential>(keyFile).ToGoogleCredential().CreateScoped(CloudPlatform);
        var account = (ServiceAccountCredential)credential.UnderlyingCredential;
        return await account.WithUseJwtAccessWithScopes(selfSigned).GetAccessTokenForRequestAsync("https://cloudkms.googleapis.com/", Stop);
    }

    public async Task<string> NewKeyAsync(string id = "cmk", CryptoKey? wish = null) =>
        (await Customer.CreateCryptoKeyAsync(new CreateCryptoKeyRequest { Parent = Ring, CryptoKeyId = id, CryptoKey = wish ?? new CryptoKey() })).Name;

    public async Task<CryptoKeyVersion> SetStateAsync(string version, State state) => await Customer.UpdateCryptoKeyVersionAsync(new UpdateCryptoKeyVersionRequest
    {
        CryptoKeyVersion = new CryptoKeyVersion { Name = version, State = state },
        UpdateMask = new() { Paths = { "state" } },
    });

    public async Task<EncryptResponse> EncryptAsync(string name, string text = "data", string bound = "") =>
        await Customer.EncryptAsync(new EncryptRequest { Name = name, Plaintext = ByteString.CopyFromUtf8(text), AdditionalAuthenticatedData = ByteString.CopyFromUtf8(bound) });

    public async Task<DecryptResponse> DecryptAsync(string name, ByteString ciphertext, string bound = "") =>
        await Customer.DecryptAsync(new DecryptRequest { Name = name, Ciphertext = ciphertext, AdditionalAuthenticatedData = ByteString.CopyFromUtf8(bound) });

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private GrpcChannel Channel()
    {
        var channel = GrpcChannel.ForAddress($"http://{Service.Address.Endpoint}");
        disposables.Add(channel);
        return channel;
    }

    private async Task OpenAsync(int port)
    {
        var folder = new KmsFolder(Folder);
        var fileKey = folder.FileKey();
        documents = new KmsDocuments(folder);
        var options = new LocalKmsOptions { DataDirectory = Folder };
        Service = await GoogleService.StartAsync(options, port, folder, documents, new Seal(fileKey), Faults, Log, Time, Stop);
        Rest = new HttpClient { BaseAddress = new Uri(Service.Address.RestEndpoint) };
        var token = await TokenAsync(Service.Address.ServiceAccountKeyFile);
        Rest.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Customer = new(Invoker(token));
    }

    private async Task CloseAsync()
    {
        Rest.Dispose();
        disposables.ForEach(d => d.Dispose());
        disposables.Clear();
        await Service.DisposeAsync();
        documents.Dispose();
    }

    /// <summary>gRPC clients of the real service send the token over TLS only; here there is none, so it is put into the headers.</summary>
    private sealed class WithToken(CallInvoker inner, string token) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.AsyncUnaryCall(method, host, Signed(options), request);

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.BlockingUnaryCall(method, host, Signed(options), request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        private CallOptions Signed(CallOptions options) =>
            options.WithHeaders(new Metadata { { "authorization", "Bearer " + token } }).WithDeadline(DateTime.UtcNow.AddSeconds(20)).WithCancellationToken(Stop);
    }
}

internal static class Refused
{
    public static async Task<RpcException> WithAsync(StatusCode code, string message, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, message), (refused.StatusCode, refused.Status.Detail));
        return refused;
    }

    public static JsonElement Json(this string text) => JsonDocument.Parse(text).RootElement;
}
