using System.Collections.Immutable;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Functions;
using Ear.Functions.EncryptionAtRest;
using Ear.Functions.Settings;
using Ear.Functions.Telemetry;
using Ear.Local.Durable;
using Ear.Local.Durable.Hosting;
using Ear.Local.Host;
using Ear.Local.Kms;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Tls;
using Ear.Local.Machines;
using Ear.Local.Mail;
using Ear.Local.PrivateLink;
using Ear.Local.Telemetry;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AwsKms;
using Ear.Providers.AzureKeyVault;
using Ear.Providers.GoogleCloudKms;
using Ear.Providers.ServiceBus;
using Ear.Providers.Smtp;
using Ear.Providers.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Up;

/// <summary>
/// All of Ear in this process: the app under the functions host, the durable engine, the topic, the local KMS and the mail sink; nodes
/// run as processes of their own. Everything lies in one data folder, and the same folder goes on where it was.
/// </summary>
internal sealed class LocalEar : IAsyncDisposable
{
    public const string OwnerEmail = "owner@example.org";
    /// <summary>The quotas of the real services do not bind local ones.</summary>
    private const string LocalCallsPerSecond = "1000";
    private const string ServiceBusConnection = "AzureWebJobsServiceBus";

    private readonly DataFolder folder;
    private readonly LocalKms kms;
    private readonly MailSink mail;
    private readonly FunctionsHost host;
    private readonly ServerCertificate certificate;

    private LocalEar(DataFolder folder, LocalKms kms, MailSink mail, FunctionsHost host, ServerCertificate certificate, Uri secureUrl, FirstAccess access)
    {
        this.folder = folder;
        this.kms = kms;
        this.mail = mail;
        this.host = host;
        this.certificate = certificate;
        SecureUrl = secureUrl;
        Access = access;
    }

    public FirstAccess Access { get; }

    /// <summary>One of <see cref="NodeMachines"/>.</summary>
    public string Machines { get; private init; } = NodeMachines.Started;

    /// <summary>The host's keys, as the operator of a Functions app can read them: for the first access, and for machines.</summary>
    public (string Master, string Function) Keys => (host.MasterKey, host.FunctionKey);

    public Uri BaseUrl => host.BaseAddress;

    /// <summary>The same by https, for clients that speak nothing else; its certificate is of the local authority (<see cref="CaFile"/>).</summary>
    public Uri SecureUrl { get; }

    public string CaFile => kms.Address.Azure.CaFile;

    public LocalKmsAddress Kms => kms.Address;

    public string DataDirectory => folder.Path;

    /// <exception cref="FaultySettingsException">Some setting is wrong; it names every one.</exception>
    /// <exception cref="IOException">The folder or a port cannot be used; the text says what to do.</exception>
    public static async Task<LocalEar> StartAsync(UpOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var folder = DataFolder.Open(options.DataDirectory);
        LocalKms? kms = null;
        MailSink? mail = null;
        ServerCertificate? certificate = null;
        try
        {
            // Whatever is written to standard output belongs to the person or program that started us: logs go to standard error.
            var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.Logging.ClearProviders().AddStandardError();
            builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
            builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
            using var loggers = LoggerFactory.Create(l => l.AddStandardError());

            kms = await LocalKms.StartAsync(new() { DataDirectory = folder.Sub("kms") }, time, cancellation);
            mail = MailSink.Start(new(folder.Sub("mail")) { Port = folder.RememberedPort("smtp") }, time, loggers.CreateLogger<MailSink>());
            var port = options.Port == 0 ? folder.RememberedPort("api") : options.Port;
            var url = new Uri($"http://127.0.0.1:{port}");
            var secureUrl = new Uri($"https://127.0.0.1:{folder.RememberedPort("api-tls")}");
            certificate = new ServerCertificate(LocalCa.LoadOrCreate(new KmsFolder(folder.Sub("kms")), time), time);
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.ConfigureHttpsDefaults(https => https.ServerCertificateSelector = (_, _) => certificate.Current()));
            var mongod = MongodBinary.Locate();
            // A service that nobody registered is found now, not by the request that needs it.
            builder.Host.UseDefaultServiceProvider(o => (o.ValidateOnBuild, o.ValidateScopes) = (true, true));
            var machines = NodeMachines.Remember(folder, options);
            LocalStore.Configure(builder.Configuration, folder, options);
            Configure(builder, kms, mail);
            builder.Services.AddLocalStore(builder.Configuration);
            AddProviders(builder.Services, kms, time);
            NodeMachines.Add(builder.Services, machines, new(folder.Path, url, mongod));
            builder.Services.AddEarTelemetryOfAHost(builder.Configuration, Scraping.AddTo);

            var host = BuildHost(builder, folder, url, secureUrl);
            await host.StartAsync(cancellation);
            var log = host.Services.GetRequiredService<ILogger<LocalEar>>();
            Log.Running(log, host.BaseAddress, kms.AwsEndpoint, mail.Port, folder.Path);
            if (machines == NodeMachines.Awaited)
                Log.MachinesAwaited(log);
            else
                Log.Mongod(log, mongod.Path, mongod.IsStandIn ? "the stand-in; set EAR_MONGOD to use a real one" : "named by EAR_MONGOD");
            var access = await ActivatorUtilities.CreateInstance<Bootstrap>(host.Services).EnsureAsync([OwnerEmail], renewSecrets: false, actor: null, cancellation);
            return new(folder, kms, mail, host, certificate, secureUrl, access) { Machines = machines };
        }
        catch
        {
            certificate?.Dispose();
            if (mail is not null)
                await mail.DisposeAsync();
            if (kms is not null)
                await kms.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Ends when the process is asked to.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => host.WaitForShutdownAsync(cancellation);

    /// <summary>Stops everything cleanly: the host with its machines, then what they needed.</summary>
    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await host.DisposeAsync();
        certificate.Dispose();
        await mail.DisposeAsync();
        await kms.DisposeAsync();
        folder.Dispose();
    }

    private static void Configure(WebApplicationBuilder builder, LocalKms kms, MailSink mail)
        => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [$"{AwsKmsOptions.Section}:KmsEndpoint"] = kms.AwsEndpoint,
            [$"{AwsKmsOptions.Section}:StsEndpoint"] = kms.AwsEndpoint,
            [$"{AwsKmsOptions.Section}:AccessKeyId"] = kms.ControlPlaneKey.AccessKeyId,
            [$"{AwsKmsOptions.Section}:SecretAccessKey"] = kms.ControlPlaneKey.SecretAccessKey,
            [$"{AzureKeyVaultOptions.Section}:Authority"] = kms.Azure.Url,
            [$"{AzureKeyVaultOptions.Section}:VaultHosts"] = new Uri(kms.Azure.Url).Authority,
            [$"{AzureKeyVaultOptions.Section}:CaFile"] = kms.Azure.Address.CaFile,
            [$"{AzureKeyVaultOptions.Section}:AppId"] = kms.Azure.EarAppId,
            [$"{AzureKeyVaultOptions.Section}:AppSecret"] = kms.Azure.EarAppSecret,
            [$"{AzureKeyVaultOptions.Section}:CallsPerSecond"] = LocalCallsPerSecond,
            [$"{GoogleCloudKmsOptions.Section}:Endpoint"] = kms.Google.Address.RestEndpoint,
            [$"{GoogleCloudKmsOptions.Section}:TokenUri"] = kms.Google.TokenUri,
            [$"{GoogleCloudKmsOptions.Section}:ServiceAccountKeyFile"] = kms.Google.EarServiceAccountKeyFile,
            [$"{GoogleCloudKmsOptions.Section}:MetadataCallsPerSecond"] = LocalCallsPerSecond,
            [$"{EncryptionAtRestOptions.Section}:LocalVaultHosts"] = new Uri(kms.Azure.Url).Authority,
            [$"{EncryptionAtRestOptions.Section}:LocalTokenUris"] = kms.Google.TokenUri,
            ["Ear:Projects:AzureAppId"] = kms.Azure.EarAppId,
            ["Ear:Projects:GcpServiceAccount"] = kms.Google.EarServiceAccount,
            ["EventsTopic"] = EventsTopic.Name,
            ["CopySchedule"] = "0 30 2 * * *",
            ["Ear:Projects:AwsAccountArn"] = kms.ControlPlaneArn,
            ["Ear:Projects:OwnerEmails"] = OwnerEmail,
            // On a person's own machine, receivers are mostly there too.
            [$"{WebhookOptions.Section}:LocalHosts"] = "127.0.0.1,localhost",
            [$"{SmtpOptions.Section}:Host"] = "127.0.0.1",
            [$"{SmtpOptions.Section}:Port"] = mail.Port.ToString(),
            [$"{SmtpOptions.Section}:Tls"] = nameof(SmtpTls.None),
            [$"{SmtpOptions.Section}:From"] = "Ear <ear@example.org>",
        });

    private static void AddProviders(IServiceCollection services, LocalKms kms, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton<IIds, SystemIds>();
        services.AddAwsKms().AddAzureKeyVault().AddGoogleCloudKms().AddSmtp().AddWebhooks().AddServiceBusAnnouncer();
        services.AddSingleton<IPrivateLink>(new LocalPrivateLink(kms.PrivateLinks, KeyProvider.Azure, kms.Azure.PrivateAddress));
        services.AddSingleton<IPrivateLink>(new LocalPrivateLink(kms.PrivateLinks, KeyProvider.Aws));
    }

    private static FunctionsHost BuildHost(WebApplicationBuilder builder, DataFolder folder, Uri url, Uri secureUrl)
    {
        var hostJson = Path.Combine(AppContext.BaseDirectory, "host.json");
        var options = new FunctionsHostOptions { DataFolder = folder.Sub("host"), HostJson = HostJson.Load(hostJson), Url = url.ToString(), ServiceBus = new() { DuplicateWindow = EventsTopic.DuplicateWindow } };
        options.MoreUrls.Add(secureUrl.ToString());
        options.ServiceBusConnections.Add(ServiceBusConnection);
        options.Topics.Add(EventsTopic.Name);
        foreach (var subscription in EventsTopic.OfTheApp.Where(s => !s.Types.IsEmpty))
            options.ServiceBusRules.Add(new(EventsTopic.Name, subscription.Name, Subscription.TypeProperty, subscription.Types));
        options.Endpoints.Add(Scraping.Map);
        Directory.CreateDirectory(folder.Sub("durable"));
        builder.Services.AddDurable(options, DurableOptions.FromHostJson(File.ReadAllText(hostJson), folder.Sub("durable", "tasks.db")));
        return FunctionsHost.Build(builder, typeof(EarApp).Assembly, options, app =>
        {
            app.AddEar();
            builder.Services.RefuseFaultySettings(builder.Configuration);
        });
    }
}
