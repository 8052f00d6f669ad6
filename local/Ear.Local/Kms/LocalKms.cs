using Ear.CustomerKeys;
using Ear.Local.Kms.Aws;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Keys;
using Ear.Local.Kms.Aws.Signing;
using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google;
using Ear.Local.PrivateLink;
using Ear.PrivateEndpoints;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms;

/// <summary>
/// Key management services on this machine that real cloud SDKs talk to: AWS KMS with STS and IAM, Azure Key Vault with Entra, and Google Cloud KMS with
/// its token endpoint, each on a port of its own, and a control API that makes things go wrong. Keys, roles, credentials and ports outlive the process; faults do not.
/// </summary>
internal sealed class LocalKms : IAsyncDisposable
{
    private const string PortsFile = "ports.json";

    private readonly KmsDocuments documents;
    private readonly AwsService aws;
    private readonly Seal seal;
    private readonly ILogger logger;
    private readonly string region;
    private Listener awsListener = null!;
    private Listener controlListener = null!;

    private LocalKms(LocalKmsOptions options, KmsFolder folder, KmsDocuments documents, TimeProvider time)
    {
        this.documents = documents;
        region = options.AwsRegion;
        logger = options.Loggers.CreateLogger("Ear.Local.Kms");
        seal = new Seal(folder.FileKey());
        PrivateLinks = new PrivateLinkSimulation(documents, time);
        aws = new AwsService(folder, documents, seal, new ServiceClock(time));
    }

    /// <summary>Faults of AWS, also settable over the control API.</summary>
    public Faults AwsFaults { get; } = new();

    public Faults AzureFaults { get; } = new();

    public Faults GoogleFaults { get; } = new();

    public RequestLog Requests { get; } = new();

    /// <summary>Private ways to these services; they outlive the process too.</summary>
    public PrivateLinkSimulation PrivateLinks { get; }

    public AzureService Azure { get; private set; } = null!;

    public GoogleService Google { get; private set; } = null!;

    public ServiceClock AwsClock => aws.Clock;

    public Roles AwsRoles => aws.Roles;

    public KmsKeys AwsKeys => aws.Keys;

    /// <summary>Serves KMS, STS and IAM.</summary>
    public string AwsEndpoint => awsListener.Url;

    public string AwsRegion => region;

    /// <summary>Credential of Ear's own identity: it can assume roles that trust <see cref="ControlPlaneArn"/>, and nothing else.</summary>
    public AccessKey ControlPlaneKey => aws.Credentials.ControlPlane;

    /// <summary>What a customer's role must trust; Atlas calls it <c>atlasAWSAccountArn</c>.</summary>
    public string ControlPlaneArn => AwsNames.ControlPlaneArn;

    /// <summary>Credential of the customer's administrator.</summary>
    public AccessKey CustomerKey => aws.Credentials.Customer;

    public bool AwsRefuses => !awsListener.IsOpen;

    public LocalKmsAddress Address => new(
        new LocalAwsAddress(
            AwsEndpoint, region, CustomerKey.AccessKeyId, CustomerKey.SecretAccessKey,
            AwsNames.RoleArn("/", AwsNames.DefaultRole), aws.Credentials.ExternalId),
        Azure.Address,
        Google.Address,
        controlListener.Url);

    /// <exception cref="InvalidOperationException">A port is taken or the data folder cannot be used; the message says what to do.</exception>
    public static async Task<LocalKms> StartAsync(LocalKmsOptions options, TimeProvider time, CancellationToken stop)
    {
        var folder = new KmsFolder(options.DataDirectory);
        // Before the database exists: a missing file key beside existing keys must be noticed.
        _ = folder.FileKey();
        var store = new KmsDocuments(folder);
        var kms = new LocalKms(options, folder, store, time);
        try
        {
            await kms.ListenAsync(options, folder, time, stop);
            return kms;
        }
        catch
        {
            await kms.DisposeAsync();
            throw;
        }
    }

    /// <summary>All of them, in the order in which they are told.</summary>
    public IReadOnlyList<FaultyService> Services { get; private set; } = [];

    /// <summary>true: the service's port closes and connections are refused, as when the network to it is cut; false: it opens again.</summary>
    public async Task RefuseAsync(FaultyService service, bool refuse, CancellationToken stop)
    {
        if (refuse == service.Refuses)
            return;
        await service.RefuseAsync(refuse, stop);
        logger.RefusalChanged(service.Name, refuse);
    }

    public Task RefuseAwsAsync(bool refuse, CancellationToken stop) => RefuseAsync(Services[0], refuse, stop);

    public async ValueTask DisposeAsync()
    {
        if (controlListener is not null)
            await controlListener.DisposeAsync();
        if (awsListener is not null)
            await awsListener.DisposeAsync();
        if (Azure is not null)
            await Azure.DisposeAsync();
        if (Google is not null)
            await Google.DisposeAsync();
        documents.Dispose();
    }

    private async Task ListenAsync(LocalKmsOptions options, KmsFolder folder, TimeProvider time, CancellationToken stop)
    {
        var remembered = folder.Read<Ports>(PortsFile) ?? new Ports(0, 0, 0, 0);
        var door = new AwsDoor(aws, AwsFaults, Requests, time, logger);
        awsListener = await Listener.StartAsync("AWS KMS", Chosen(options.AwsPort, remembered.Aws), door.HandleAsync, stop);
        Azure = await AzureService.StartAsync(options, Chosen(options.AzurePort, remembered.Azure), folder, documents, seal, AzureFaults, Requests, time, stop, remembered.AzurePrivate);
        Azure.Access.HasApprovedConnection = () => PrivateLinks.All().Any(l => l is { Link.Provider: KeyProvider.Azure, Sight: PrivateLinkSight.Up });
        Google = await GoogleService.StartAsync(options, Chosen(options.GooglePort, remembered.Google), folder, documents, seal, GoogleFaults, Requests, time, stop);
        Services =
        [
            new("aws", AwsFaults, aws.Clock, () => AwsRefuses, (refuse, token) => refuse ? awsListener.CloseAsync() : awsListener.OpenAsync(token)),
            new("azure", AzureFaults, Azure.Clock, () => Azure.Refuses, Azure.RefuseAsync),
            new("google", GoogleFaults, Google.Clock, () => Google.Refuses, Google.RefuseAsync),
        ];
        controlListener = await Listener.StartAsync("the KMS control API", Chosen(options.ControlPort, remembered.Control), new ControlApi(this, logger).HandleAsync, stop);
        var ports = new Ports(awsListener.Port, controlListener.Port, Azure.Port, Google.Port, Azure.PrivatePort);
        if (ports != remembered)
            folder.Write(PortsFile, ports);
        logger.Started(string.Join(", ", awsListener.Url, Azure.Url, Google.Address.RestEndpoint), controlListener.Url, options.DataDirectory);
    }

    private static int Chosen(int wanted, int remembered) => wanted == 0 ? remembered : wanted;

    private sealed record Ports(int Aws, int Control, int Azure = 0, int Google = 0, int AzurePrivate = 0);
}
