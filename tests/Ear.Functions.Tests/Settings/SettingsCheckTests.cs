using Ear.Functions.Azure;
using Ear.Functions.Settings;
using Ear.Functions.Tests.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Settings;

/// <summary>One message for all faults of all rooms. That Program.cs and <c>ear up</c> give it is in Ear.CloudBuild.Tests and Ear.EndToEnd.Tests.</summary>
public sealed class SettingsCheckTests
{
    private const string Marker = "hidden-9c41";

    [Fact]
    public void The_sample_lacks_what_only_an_operator_knows_and_nothing_else()
        => Assert.Equal(["Ear:Secrets:KeyIdentifier", "Ear:Smtp:From", "Ear:Smtp:Host"], Names(FaultsWith()));

    [Fact]
    public void Faults_of_all_rooms_and_values_that_cannot_be_read_are_told_together()
        => Assert.Equal(
            [
                "AzureWebJobsServiceBus:fullyQualifiedNamespace", "CopySchedule", "Ear:Agents:RememberedNonces", "Ear:Announcer:IdleDelay", "Ear:AwsKms:CallsPerSecond", "Ear:AwsKms:MaxTries", "Ear:Clusters:MongoDBMajorVersion",
                "Ear:ControlPlane:Outbound:aws:us_east_1", "Ear:Copies:Container", "Ear:EncryptionAtRest:LocalVaultHosts", "Ear:GoogleCloudKms:Endpoint", "Ear:Http:PublicBaseUrl", "Ear:Identity:ClientId",
                "Ear:PrivateEndpoints:ProvisionWithin", "Ear:PrivateEndpoints:RefuseDeleteDuringProvisioning", "Ear:PrivateLink:AttemptTimeout", "Ear:PrivateLink:Regions:US_EAST_2:SubnetId", "Ear:PrivateLink:ResourceGroup",
                "Ear:Projects:AzureAppId", "Ear:Reconciliation:WokenPerMinute", "Ear:Secrets:DataKeysFrom", "Ear:Secrets:KeyIdentifier", "Ear:Smtp:From", "Ear:Smtp:Host", "Ear:Smtp:Tls", "Ear:Store:CallTimeout", "Ear:Store:MaxRetries",
                "Ear:Store:ReadsAtOnce", "Ear:Webhooks:LocalHosts", "EventsTopic",
            ],
            Names(FaultsWith(
                ("AzureWebJobsServiceBus:fullyQualifiedNamespace", ""), ("CopySchedule", "02:30:00"), ("EventsTopic", ""), ("Ear:Agents:RememberedNonces", "1"), ("Ear:Announcer:IdleDelay", "soon"), ("Ear:AwsKms:CallsPerSecond", "many"),
                ("Ear:AwsKms:MaxTries", "99"), ("Ear:Clusters:MongoDBMajorVersion", "eight"), ("Ear:ControlPlane:Outbound:aws:us_east_1", "here"), ("Ear:Copies:Container", "-"), ("Ear:EncryptionAtRest:LocalVaultHosts", "no host"),
                ("Ear:GoogleCloudKms:Endpoint", "ftp://kms"), ("Ear:Http:PublicBaseUrl", "https://ear.example.org/path"), ("Ear:Identity:ClientId", "me"), ("Ear:PrivateEndpoints:ProvisionWithin", "00:00:01"),
                ("Ear:PrivateEndpoints:RefuseDeleteDuringProvisioning", "perhaps"), ("Ear:PrivateLink:SubscriptionId", "00000000-0000-0000-0000-000000000003"), ("Ear:PrivateLink:AttemptTimeout", "long"),
                ("Ear:Projects:AzureAppId", "me"), ("Ear:Reconciliation:WokenPerMinute", "0"), ("Ear:Secrets:DataKeysFrom", "yesterday"), ("Ear:Smtp:Tls", "Always"), ("Ear:Store:CallTimeout", "10000"), ("Ear:Store:MaxRetries", "abc"),
                ("Ear:Store:ReadsAtOnce", "0"), ("Ear:Webhooks:LocalHosts", "a b"))));

    [Fact]
    public void The_message_has_a_line_for_each_and_says_how_names_are_written()
    {
        var refusal = Assert.Throws<FaultySettingsException>(() => Refuse(("Ear:Store:MaxRetries", "abc"), ("Ear:Store:ReadsAtOnce", "0")));

        Assert.Equal(
            [
                "Ear cannot start: 5 settings are missing or wrong. In the environment and in Azure, write __ for each colon of a name.",
                "  Ear:Secrets:KeyIdentifier is ''; write the address of an RSA key in Ear's own vault without its version, https://<vault>.vault.azure.net/keys/<name>.",
                "  Ear:Smtp:From is ''; write the address that Ear's mails come from, e.g. Ear <ear@example.org>.",
                "  Ear:Smtp:Host is empty; name the mail server.",
                "  Ear:Store:MaxRetries is no whole number, or too large; write digits.",
                "  Ear:Store:ReadsAtOnce is 0; choose 1 to 64.",
            ],
            refusal.Message.Split('\n'));
    }

    /// <summary>In its own setting, in the wrong one, and where something else is expected.</summary>
    [Fact]
    public void No_secret_is_in_the_message()
    {
        var secrets = SampleSettings.Read().Keys.Where(k => k.EndsWith("Secret", StringComparison.Ordinal) || k.EndsWith("SecretAccessKey", StringComparison.Ordinal) || k.EndsWith("ServiceAccountKey", StringComparison.Ordinal) || k.EndsWith("ConnectionString", StringComparison.Ordinal)).ToList();
        Assert.True(secrets.Count >= 5, string.Join(' ', secrets));

        var refusal = Assert.Throws<FaultySettingsException>(() => Refuse(
        [
            .. secrets.Select(s => (s, Marker)), ("Ear:AzureKeyVault:ManagedIdentityClientId", "x"), ("Ear:Store:TableServiceUri", $"AccountKey={Marker}"), ("Ear:Copies:BlobServiceUri", $"AccountKey={Marker}"), ("Ear:Store:MaxRetries", Marker),
            ("Ear:GoogleCloudKms:ServiceAccountKeyFile", "/key.json"), ("AzureWebJobsServiceBus:fullyQualifiedNamespace", $"Endpoint=sb://x;SharedAccessKey={Marker}"), ("Ear:AwsKms:Budget", Marker), ("Ear:AwsKms:KmsEndpoint", $"key:{Marker}"),
        ]));

        Assert.True(refusal.Faults.Count > 8, refusal.Message);
        Assert.DoesNotContain(Marker, refusal.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A class that another one's options are needed for tells the other one's faults, too.</summary>
    [Fact]
    public void A_fault_that_two_classes_tell_is_in_the_message_once()
    {
        var services = new ServiceCollection();
        foreach (var words in new[] { "is wrong.", "is wrong.", "is worse." })
            services.AddSingleton<IValidateOptions<Sized>>(new ValidateOptions<Sized>(null, _ => false, $"Ear:Test:Size {words}"));

        Assert.Equal(["Ear:Test:Size is worse.", "Ear:Test:Size is wrong."], Assert.Throws<FaultySettingsException>(() => services.RefuseFaultySettings(new ConfigurationBuilder().Build())).Faults);
    }

    [Fact]
    public void Nothing_but_options_is_made_and_the_configuration_lives_on()
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("Ear:Test:Size", "1")]);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(_ => configuration).AddOptions<Sized>().BindConfiguration(Sized.Section);
        services.AddSingleton<Sized>(_ => throw new InvalidOperationException("Nobody asks for it."));

        services.RefuseFaultySettings(configuration);

        configuration["Ear:Test:Size"] = "2";
        Assert.Equal(2, services.BuildServiceProvider().GetRequiredService<IOptions<Sized>>().Value.Size);
    }

    private static IEnumerable<string> Names(IEnumerable<string> faults) => faults.Select(f => f.Split(' ')[0]);

    private static IReadOnlyList<string> FaultsWith(params (string, string)[] settings) => Assert.Throws<FaultySettingsException>(() => Refuse(settings)).Faults;

    private static void Refuse(params (string Name, string Value)[] settings)
    {
        var app = FunctionsApplication.CreateBuilder([]);
        app.Configuration.AddInMemoryCollection(SampleSettings.Read()).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)));
        app.AddEar();
        app.Services.AddPortsInAzure(app.Configuration);
        app.Services.RefuseFaultySettings(app.Configuration);
    }

    private sealed class Sized
    {
        public const string Section = "Ear:Test";

        public int Size { get; set; }
    }
}
