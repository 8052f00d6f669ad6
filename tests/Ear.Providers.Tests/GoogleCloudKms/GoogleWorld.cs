using System.Text.Json;
using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google;
using Ear.Local.Kms.Google.Iam;
using Ear.Local.Kms.Google.Keys;
using Ear.Providers.GoogleCloudKms;
using Ear.Providers.Tests.Kms;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Google.Cloud.Kms.V1;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Providers.Tests.GoogleCloudKms;

/// <summary>The Google provider as an application registers it, against the local Google Cloud. Both go by the same clock, as tokens hold times.</summary>
internal sealed class GoogleWorld : CustomerKeyWorld
{
    public const string SecretName = "gcp/orders.1";
    private const string AccountId = "orders";
    private static readonly ResourceName Ring = ResourceName.OfProject(GoogleService.CustomerProject).Child("europe-west3").Child("orders");

    private readonly string folder;
    private readonly KmsDocuments documents;
    private readonly LogLines log = new();
    private readonly InMemoryStore store = new();
    private ServiceProvider services = null!;
    private string keyJson = "";

    private GoogleWorld(string folder)
    {
        this.folder = folder;
        Folder = new KmsFolder(folder);
        _ = Folder.FileKey();
        documents = new KmsDocuments(Folder);
    }

    public static string Account => $"{AccountId}@{GoogleService.CustomerProject}.iam.gserviceaccount.com";

    public KmsFolder Folder { get; }

    public GoogleService Google { get; private set; } = null!;

    public Faults GoogleFaults { get; } = new();

    public RequestLog Requests { get; } = new();

    public ISecrets Store => store;

    /// <summary>What the provider sees of <see cref="Store"/>.</summary>
    public FaultySecrets OwnSecrets { get; private set; } = null!;

    public override ICustomerKey Provider => services.GetRequiredService<ICustomerKey>();

    public override CustomerKey Key { get; } = new CustomerKey.Gcp(VersionOf("orders", 1), new GcpAccess.ServiceAccountKey(SecretName));

    public CustomerKey.Gcp GcpKey => (CustomerKey.Gcp)Key;

    public override CustomerKey MissingKey => GcpKey with { KeyIdentifier = VersionOf("missing", 1) };

    public override IReadOnlyDictionary<string, string> States { get; } = new Dictionary<string, string>
    {
        [nameof(State.Disabled)] = nameof(InvalidReason.KeyDisabled),
        [nameof(State.DestroyScheduled)] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        [nameof(State.PendingExternalDestruction)] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        [nameof(State.ExternalDestructionFailed)] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        [nameof(State.PendingGeneration)] = nameof(InvalidReason.KeyExpiredOrNotYetValid),
        [nameof(State.PendingImport)] = nameof(InvalidReason.KeyExpiredOrNotYetValid),
        [nameof(State.GenerationFailed)] = nameof(InvalidReason.KeyNotFound),
        [nameof(State.ImportFailed)] = nameof(InvalidReason.KeyNotFound),
        ["no permission"] = nameof(InvalidReason.PermissionDenied),
        ["service disabled"] = nameof(InvalidReason.PermissionDenied),
        ["billing disabled"] = nameof(InvalidReason.PermissionDenied),
        ["project deleted"] = nameof(InvalidReason.PermissionDenied),
        ["account disabled"] = nameof(InvalidReason.CredentialsInvalid),
    };

    public override IReadOnlyList<string> Faults =>
        ["refuse", "reset before", "reset after", "throttled", "internal", "unavailable", "state not told", "perimeter", "token throttled", "token 500", "clock ahead", NeverAnswers];

    public override string NeverAnswers => "never answers";

    public override IReadOnlyList<string> Secrets => [PrivateKey(keyJson)[..64], "ya29.", "Bearer "];

    public override IReadOnlyList<string> Logged => log.Lines;

    /// <summary>Key <c>orders</c> with one version, and an account that may use and see it.</summary>
    public static async Task<GoogleWorld> StartAsync(Action<GoogleWorld, GoogleCloudKmsOptions>? change = null)
    {
        var world = new GoogleWorld(Directory.CreateTempSubdirectory("ear-google-").FullName);
        world.Google = await GoogleService.StartAsync(
            new LocalKmsOptions { DataDirectory = world.folder }, 0, world.Folder, world.documents, new Seal(world.Folder.FileKey()), world.GoogleFaults, world.Requests, world.Time,
            TestContext.Current.CancellationToken);
        world.Google.Keys.AddRing(Ring);
        world.AddKey("orders", new CryptoKey());
        world.Google.Accounts.Create(AccountId, GoogleService.CustomerProject);
        world.PutPermissions(Roles.EncrypterDecrypter, Roles.Viewer);
        await world.NewCredentialAsync();
        world.services = new ServiceCollection()
            .AddSingleton<TimeProvider>(world.Time)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<IIds>(new SystemIds(world.Time))
            .AddSingleton<ISecrets>(world.OwnSecrets = new(world.store))
            .AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(world.log))
            .AddGoogleCloudKms()
            .Configure<GoogleCloudKmsOptions>(o =>
            {
                o.Endpoint = new Uri(world.Google.Address.RestEndpoint);
                o.TokenUri = new Uri(world.Google.TokenUri);
                o.MetadataCallsPerSecond = 100;
                change?.Invoke(world, o);
            })
            .BuildServiceProvider();
        return world;
    }

    public static string VersionOf(string key, int version) => $"{Ring.Child(key)}/cryptoKeyVersions/{version}";

    public void AddKey(string id, CryptoKey wish) => Google.Keys.AddKey(KeyWishes.NewKey(Ring.Child(id), wish, Google.Clock.Now), withVersion: true);

    public void Rotate()
    {
        var version = Google.Keys.AddVersion(Ring.Child("orders"), State.Enabled).Versions[^1].Id;
        Google.Keys.Change(Ring.Child("orders"), k => k with { Primary = version });
    }

    public void Force(State state, int version = 1) => Google.Keys.Force(VersionOf("orders", version), state);

    public int Asked(string operation) => Requests.All().Count(r => r.Operation == operation);

    public void PutPermissions(params string[] roles)
    {
        Google.Policies.Revoke(Ring, Account);
        foreach (var role in roles)
            Google.Policies.Grant(Ring, role, Account);
    }

    /// <summary>A new key file of the account, in the store under the same name.</summary>
    /// <returns>The id of the key in it.</returns>
    public async Task<string> NewCredentialAsync()
    {
        var file = Google.Accounts.AddKey(Account, Google.TokenUri);
        keyJson = JsonSerializer.Serialize(file);
        await PutCredentialAsync(keyJson);
        return file.PrivateKeyId;
    }

    public Task PutCredentialAsync(string json) => store.PutAsync(SecretName, System.Text.Encoding.UTF8.GetBytes(json), CancellationToken.None);

    public string Credential => keyJson;

    public override Task EnterAsync(string state)
    {
        switch (state)
        {
            case "no permission":
                PutPermissions(Roles.Viewer);
                break;
            case "account disabled":
                Google.Accounts.SetDisabled(Account, true);
                break;
            case "service disabled":
                Google.Projects[GoogleService.CustomerProject] = ProjectMode.ServiceDisabled;
                break;
            case "billing disabled":
                Google.Projects[GoogleService.CustomerProject] = ProjectMode.BillingDisabled;
                break;
            case "project deleted":
                Google.Projects[GoogleService.CustomerProject] = ProjectMode.Deleted;
                break;
            default:
                Force(System.Enum.Parse<State>(state));
                break;
        }
        return Task.CompletedTask;
    }

    public override async Task BreakAsync(string fault)
    {
        switch (fault)
        {
            case "refuse":
                await Google.RefuseAsync(true, TestContext.Current.CancellationToken);
                break;
            case "clock ahead":
                Google.Clock.Offset = TimeSpan.FromHours(2);
                break;
            case "perimeter":
                Google.Projects[GoogleService.CustomerProject] = ProjectMode.VpcServiceControls;
                break;
            case "token throttled" or "token 500":
                // Ends the cached token, so that the endpoint must be asked.
                Time.Advance(TimeSpan.FromHours(1));
                GoogleFaults.Add(RuleOf(fault));
                break;
            default:
                GoogleFaults.Add(RuleOf(fault));
                break;
        }
    }

    public override async Task RecoverAsync()
    {
        GoogleFaults.Replace([]);
        Google.Clock.Offset = TimeSpan.Zero;
        Google.Projects[GoogleService.CustomerProject] = ProjectMode.Open;
        await Google.RefuseAsync(false, TestContext.Current.CancellationToken);
        Google.Accounts.SetDisabled(Account, false);
        Force(State.Enabled);
        PutPermissions(Roles.EncrypterDecrypter, Roles.Viewer);
    }

    public override async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Google.DisposeAsync();
        documents.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string PrivateKey(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("private_key").GetString()!.Split('\n')[1];
    }

    private static FaultRule RuleOf(string fault) => fault switch
    {
        "reset before" => new() { Reset = ConnectionReset.Before },
        "reset after" => new() { Reset = ConnectionReset.After },
        "throttled" => new() { Code = "RESOURCE_EXHAUSTED", Message = "Quota exceeded for quota metric 'Cryptographic requests'" },
        "internal" => new() { Code = "INTERNAL", Message = "Internal error encountered." },
        "unavailable" => new() { Code = "UNAVAILABLE", Message = "The service is currently unavailable." },
        "state not told" => new() { Code = "FAILED_PRECONDITION", Message = "The request cannot be executed in the current system state." },
        "token throttled" => new() { Operation = "Token", Code = "rate_limit", Status = 429 },
        "token 500" => new() { Operation = "Token", Code = "invalid_grant", Message = "Invalid JWT Signature.", Status = 500 },
        _ => new() { DelayMilliseconds = 600_000 },
    };
}
