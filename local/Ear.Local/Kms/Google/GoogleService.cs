using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google.Accounts;
using Ear.Local.Kms.Google.Iam;
using Ear.Local.Kms.Google.Keys;
using Ear.Local.Kms.Google.Port;
using Ear.Local.Kms.Google.Rest;
using Ear.Local.Kms.Google.Rpc;
using Ear.Local.Kms.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms.Google;

/// <param name="Endpoint">Host and port; gRPC with TLS (by the authority that Azure's address names) or without.</param>
/// <param name="RestEndpoint">The same port, as a URL.</param>
/// <param name="ProjectId">The customer's project.</param>
/// <param name="ServiceAccountKeyFile">Of the customer's administrator, who may do everything in the project.</param>
internal sealed record LocalGoogleAddress(string Endpoint, string RestEndpoint, string ProjectId, string ServiceAccountKeyFile);

/// <summary>The simulated Google Cloud: KMS by gRPC and REST, IAM policies, service accounts and their token endpoint, all on one port.</summary>
internal sealed class GoogleService : IAsyncDisposable
{
    public const string CustomerProject = "ear-customer";
    public const string EarProject = "ear-control-plane";

    private readonly KmsFolder folder;
    private readonly ServerCertificate certificate;
    private Listener listener = null!;

    private GoogleService(KmsFolder folder, KmsDocuments documents, Seal seal, ServiceClock clock, ServerCertificate certificate)
    {
        (this.folder, this.certificate) = (folder, certificate);
        Clock = clock;
        Keys = new GoogleKeys(documents, seal, clock);
        Accounts = new ServiceAccounts(documents);
        Policies = new Policies(documents);
    }

    public ServiceClock Clock { get; }

    public GoogleKeys Keys { get; }

    public ServiceAccounts Accounts { get; }

    public Policies Policies { get; }

    /// <summary>What keeps a whole project out of reach.</summary>
    public ProjectGate Projects { get; } = new();

    public int Port => listener.Port;

    public bool Refuses => !listener.IsOpen;

    public LocalGoogleAddress Address => new($"127.0.0.1:{Port}", listener.Url, CustomerProject, folder.Path(DefaultAccounts.CustomerFile));

    /// <summary>Ear's own service account, which a customer must let use a key; Atlas calls it <c>gcpServiceAccountForAtlas</c>.</summary>
    public string EarServiceAccount => DefaultAccounts.EarEmail;

    public string EarServiceAccountKeyFile => folder.Path(DefaultAccounts.EarFile);

    /// <summary>For the token_uri of key files.</summary>
    public string TokenUri => listener.Url + "/token";

    /// <exception cref="InvalidOperationException">The port is taken or the data folder cannot be used; the message says what to do.</exception>
    public static async Task<GoogleService> StartAsync(
        LocalKmsOptions options, int port, KmsFolder folder, KmsDocuments documents, Seal seal, Faults faults, RequestLog log, TimeProvider time, CancellationToken stop)
    {
        var service = new GoogleService(folder, documents, seal, new ServiceClock(time), new ServerCertificate(LocalCa.LoadOrCreate(folder, time), time));
        try
        {
            service.listener = await Listener.StartAsync("Google Cloud KMS", port, service.Setup(seal, faults, log, time, options.Loggers), stop);
            new DefaultAccounts(folder, service.Accounts, service.Policies).Ensure(service.TokenUri);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>true: the port closes and connections are refused, as when the network to it is cut; false: it opens again.</summary>
    public Task RefuseAsync(bool refuse, CancellationToken stop) =>
        refuse == Refuses ? Task.CompletedTask : refuse ? listener.CloseAsync() : listener.OpenAsync(stop);

    public async ValueTask DisposeAsync()
    {
        if (listener is not null)
            await listener.DisposeAsync();
        certificate.Dispose();
    }

    private ListenerSetup Setup(Seal seal, Faults faults, RequestLog log, TimeProvider time, ILoggerFactory loggers)
    {
        var tokens = new AccessTokens(seal, Clock);
        var bearers = new Bearers(Accounts, tokens, Clock);
        var calls = new GoogleCalls(bearers, Policies, Projects, faults, log, Clock, time, loggers.CreateLogger("Ear.Local.Kms"));
        var kms = new KmsOperations(Keys, Clock);
        var iam = new IamOperations(Policies, Keys);
        var rest = new RestDoor(new RestRoutes(calls, kms, iam), calls, new TokenExchange(Accounts, tokens, Clock), Clock);
        var rpc = new RpcAnswers(calls);
        return new ListenerSetup(app =>
        {
            app.Use((http, next) => IsGrpc(http.Request.ContentType) ? next(http) : rest.HandleAsync(http));
            app.MapGrpcService<KmsRpcDoor>();
            app.MapGrpcService<IamRpcDoor>();
        })
        {
            Services = services =>
            {
                OnePort.AddTo(services, certificate.Current);
                services.AddGrpc();
                services.AddSingleton(new KmsRpcDoor(rpc, kms));
                services.AddSingleton(new IamRpcDoor(rpc, iam));
            },
        };
    }

    private static bool IsGrpc(string? contentType) => contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
}
