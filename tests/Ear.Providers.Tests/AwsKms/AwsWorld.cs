using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.Kms.Aws;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Control;
using Ear.Providers.AwsKms;
using Ear.Providers.Tests.Kms;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using KeyState = Ear.Local.Kms.Aws.Keys.KeyState;

namespace Ear.Providers.Tests.AwsKms;

/// <summary>The AWS provider as an application registers it, against the local KMS.</summary>
internal sealed class AwsWorld : CustomerKeyWorld
{
    private const string RoleName = "orders";
    private const string ExternalId = "external-1";
    private readonly string folder;
    private readonly ServiceProvider services;
    private readonly LogLines log = new();

    private AwsWorld(LocalKms kms, string folder, string keyArn, Action<AwsKmsOptions>? change)
    {
        (Kms, this.folder) = (kms, folder);
        OwnSecrets = new FaultySecrets(Store);
        Key = new CustomerKey.Aws(keyArn, "us-east-1", new AwsAccess.Role(AwsNames.RoleArn("/", RoleName), ExternalId));
        services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<IIds>(new SystemIds(Time))
            .AddSingleton<ISecrets>(OwnSecrets)
            .AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log))
            .AddAwsKms()
            .Configure<AwsKmsOptions>(o =>
            {
                o.KmsEndpoint = o.StsEndpoint = new Uri(kms.AwsEndpoint);
                (o.AccessKeyId, o.SecretAccessKey) = (kms.ControlPlaneKey.AccessKeyId, kms.ControlPlaneKey.SecretAccessKey);
                // The tests ask more in one moment of the fake clock than a customer's quota is charged with.
                o.CallsPerSecond = 100_000;
                change?.Invoke(o);
            })
            .BuildServiceProvider();
        PutRole();
    }

    public LocalKms Kms { get; }

    public InMemoryStore Store { get; } = new();

    /// <summary>What the provider sees of <see cref="Store"/>.</summary>
    public FaultySecrets OwnSecrets { get; }

    public CustomerKey.Aws AwsKey => (CustomerKey.Aws)Key;

    public AwsAccess.Role Role => (AwsAccess.Role)AwsKey.Access;

    public override ICustomerKey Provider => services.GetRequiredService<ICustomerKey>();

    public IAwsRoles Roles => services.GetRequiredService<IAwsRoles>();

    public RoleSessions Sessions => services.GetRequiredService<RoleSessions>();

    public override CustomerKey Key { get; }

    public override CustomerKey MissingKey => AwsKey with { KeyIdentifier = AwsNames.KeyArn("us-east-1", "00000000-0000-0000-0000-000000000001") };

    public override IReadOnlyDictionary<string, string> States { get; } = new Dictionary<string, string>
    {
        ["Disabled"] = nameof(InvalidReason.KeyDisabled),
        ["PendingDeletion"] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        ["PendingReplicaDeletion"] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        ["PendingImport"] = nameof(InvalidReason.KeyExpiredOrNotYetValid),
        ["no permission"] = nameof(InvalidReason.PermissionDenied),
        ["role deleted"] = nameof(InvalidReason.CredentialsInvalid),
        ["external id changed"] = nameof(InvalidReason.CredentialsInvalid),
    };

    public override IReadOnlyList<string> Faults =>
        ["Unavailable", "Creating", "refuse", "reset before", "reset after", "throttled", "internal error", "503", "sts throttled", "sts 500", "clock ahead", "huge", "half sent", "no JSON", NeverAnswers];

    public override string NeverAnswers => "never answers";

    public override IReadOnlyList<string> Secrets => [Kms.ControlPlaneKey.SecretAccessKey, Kms.CustomerKey.SecretAccessKey, ExternalId];

    public override IReadOnlyList<string> Logged => log.Lines;

    public static async Task<AwsWorld> StartAsync(Action<AwsKmsOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("ear-aws-").FullName;
        var kms = await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = folder }, TimeProvider.System, TestContext.Current.CancellationToken);
        using var customer = Customer(kms);
        var arn = (await customer.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.Arn;
        return new AwsWorld(kms, folder, arn, change);
    }

    public AmazonKeyManagementServiceClient Customer() => Customer(Kms);

    public int Asked(string operation) => Kms.Requests.All().Count(r => r.Operation == operation);

    /// <summary>Makes the role, or changes it; a deleted one comes back under a new id, to which no older session belongs.</summary>
    public void PutRole(string externalId = ExternalId, params string[] actions) =>
        Kms.AwsRoles.Put(RoleName, [Kms.ControlPlaneArn], externalId, actions.Length == 0 ? Ear.Local.Kms.Aws.Iam.Roles.KeyUserActions : actions);

    public override Task EnterAsync(string state)
    {
        switch (state)
        {
            case "no permission":
                PutRole(actions: "kms:ListKeys");
                break;
            case "role deleted":
                Kms.AwsRoles.Delete(RoleName);
                break;
            case "external id changed":
                // A session that was given out lives on; a role made anew has none.
                Kms.AwsRoles.Delete(RoleName);
                PutRole(externalId: "external-2");
                break;
            default:
                Force(Enum.Parse<KeyState>(state));
                break;
        }
        return Task.CompletedTask;
    }

    public override async Task BreakAsync(string fault)
    {
        switch (fault)
        {
            case "refuse":
                await Kms.RefuseAwsAsync(true, TestContext.Current.CancellationToken);
                break;
            case "clock ahead":
                Kms.AwsClock.Offset = TimeSpan.FromHours(1);
                Kms.AwsFaults.Add(new FaultRule { Code = "InvalidSignatureException", Message = "Signature expired: x-amz-security-token:quoted" });
                break;
            case "Unavailable" or "Creating":
                Force(Enum.Parse<KeyState>(fault));
                break;
            case "sts throttled" or "sts 500":
                // A new role id ends the cached session, so that STS must be asked.
                Kms.AwsRoles.Delete(RoleName);
                PutRole();
                Kms.AwsFaults.Add(RuleOf(fault));
                break;
            default:
                Kms.AwsFaults.Add(RuleOf(fault));
                break;
        }
    }

    public override async Task RecoverAsync()
    {
        Kms.AwsFaults.Replace([]);
        Kms.AwsClock.Offset = TimeSpan.Zero;
        await Kms.RefuseAwsAsync(false, TestContext.Current.CancellationToken);
        Force(KeyState.Enabled);
        PutRole();
    }

    public override async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Kms.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private void Force(KeyState state) =>
        Kms.AwsKeys.Change(Key.KeyIdentifier[(Key.KeyIdentifier.LastIndexOf('/') + 1)..], k => k with { State = state });

    private static FaultRule RuleOf(string fault) => fault switch
    {
        "reset before" => new() { Reset = ConnectionReset.Before },
        "reset after" => new() { Reset = ConnectionReset.After },
        "throttled" => new() { Code = "ThrottlingException", Message = "Rate exceeded" },
        "internal error" => new() { Code = "KMSInternalException", Status = 500 },
        "huge" => new() { HugeMegabytes = 10 },
        "half sent" => new() { HalfSent = true },
        "no JSON" => new() { Body = "<html>a proxy's page</html>", ContentType = "text/html" },
        "503" => new() { Code = "ServiceUnavailable", Status = 503 },
        "sts throttled" => new() { Operation = "AssumeRole", Code = "Throttling", Message = "Rate exceeded" },
        "sts 500" => new() { Operation = "AssumeRole", Code = "AccessDenied", Message = "explains nothing", Status = 500 },
        _ => new() { DelayMilliseconds = 600_000 },
    };

    private static AmazonKeyManagementServiceClient Customer(LocalKms kms) => new(
        new BasicAWSCredentials(kms.CustomerKey.AccessKeyId, kms.CustomerKey.SecretAccessKey),
        new AmazonKeyManagementServiceConfig { ServiceURL = kms.AwsEndpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, DisableClockSkewCorrection = true });
}
