using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Messaging.ServiceBus;
using Ear.Functions;
using Ear.Functions.Settings;
using Ear.Functions.Telemetry;
using Ear.Functions.Tests.Worker;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ear.CloudBuild.Tests;

/// <summary>
/// What Program.cs builds (<see cref="EarWorker"/>) on the official worker, with the settings of local.settings.sample.json: its container and every hosted
/// service, none of them started, since each would call something. Only a start that is refused is one of the whole program, as a process.
/// </summary>
public sealed class CloudStartTests
{
    /// <summary>What a deployment fills in; nothing of it is ever called.</summary>
    private static readonly Dictionary<string, string?> Filled = new()
    {
        ["Ear:Smtp:Host"] = "mail.invalid",
        ["Ear:Smtp:From"] = "Ear <ear@mail.invalid>",
        ["Ear:Identity:ClientId"] = "00000000-0000-0000-0000-000000000001",
        ["Ear:Projects:AzureAppId"] = "00000000-0000-0000-0000-000000000002",
        ["Ear:Store:ConnectionString"] = "",
        ["Ear:Store:TableServiceUri"] = "https://ear.table.invalid/",
        ["Ear:Store:BlobServiceUri"] = "https://ear.blob.invalid/",
        ["Ear:Secrets:KeyIdentifier"] = "https://ear.vault.azure.net/keys/ear-data",
        ["Ear:PrivateLink:SubscriptionId"] = "00000000-0000-0000-0000-000000000003",
        ["Ear:PrivateLink:ResourceGroup"] = "ear-links",
        ["Ear:PrivateLink:Regions:US_EAST_2:SubnetId"] = "/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/ear-links/providers/Microsoft.Network/virtualNetworks/ear/subnets/links",
        ["AzureWebJobsServiceBus:fullyQualifiedNamespace"] = "bus.servicebus.invalid",
        // A host writes these into the command line.
        ["Functions:Worker:HostEndpoint"] = "http://host.invalid/",
        ["Functions:Worker:WorkerId"] = "worker",
        ["Functions:Worker:RequestId"] = "request",
        ["Functions:Worker:GrpcMaxMessageLength"] = "2147483647",
    };

    private const string Insights = "InstrumentationKey=00000000-0000-0000-0000-000000000004;IngestionEndpoint=https://insights.invalid/";

    [Fact]
    public void The_container_builds_with_every_check_and_every_setting_passes_its_own()
    {
        using var host = Build((TelemetryRoom.AzureMonitor, Insights));

        host.Services.GetRequiredService<IStartupValidator>().Validate();

        var hosted = host.Services.GetServices<IHostedService>().Select(s => s.GetType().Name).ToList();
        Assert.Superset(new HashSet<string> { "PrepareAtStart", "BlobSweep", "OutboxPump", "GaugeRound", "WorkerHostedService", "TelemetryHostedService" }, hosted.ToHashSet());
        Assert.IsType<AwaitedMachines>(host.Services.GetRequiredService<IMachines>());
        Assert.Equal("bus.servicebus.invalid", host.Services.GetRequiredService<ServiceBusClient>().FullyQualifiedNamespace);
        Assert.Equal(["Azure"], host.Services.GetServices<IPrivateLink>().Select(l => l.Provider.ToString()));
        Assert.Equal("ManagedIdentityCredential", host.Services.GetRequiredService<TokenCredential>().GetType().Name);
    }

    /// <summary>As the worker makes them, at each invocation.</summary>
    [Fact]
    public void Every_class_of_functions_can_be_made()
    {
        using var host = Build();
        using var scope = host.Services.CreateScope();
        var classes = typeof(EarApp).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.GetMethods().Any(m => m.IsDefined(typeof(FunctionAttribute)))).ToList();

        Assert.True(classes.Count > 30, $"{classes.Count}");
        Assert.All(classes, type => Assert.NotNull(ActivatorUtilities.CreateInstance(scope.ServiceProvider, type)));
    }

    /// <summary>The ASP.NET Core types of a door work only where the host is told, by this capability, to pass requests on over HTTP.</summary>
    [Fact]
    public void The_host_is_told_where_to_pass_requests_on_to()
    {
        using var host = Build();

        Assert.Matches("^http://(localhost|127\\.0\\.0\\.1):[0-9]+/?$", host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities["HttpUri"]);
    }

    /// <summary>The worker's serializer is what Durable Task writes histories with.</summary>
    [Fact]
    public void What_crosses_a_history_comes_back_as_it_went_by_the_worker_s_own_serializer()
    {
        using var host = Build();
        var serializer = host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Serializer!;
        var types = DurableSamples.Crossing(AppFunction.All);

        Assert.True(types.Count > 8, $"{types.Count}");
        foreach (var sample in types.SelectMany(DurableSamples.Of))
            Assert.Equivalent(sample, serializer.Deserialize(serializer.Serialize(sample, sample.GetType(), default).ToStream(), sample.GetType(), default), strict: true);
    }

    /// <summary>Else the host would send the worker's logs a second time, and an invocation would be no span for Ear's to hang on.</summary>
    [Theory]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000000")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]
    public void The_host_is_told_that_the_worker_sends_its_telemetry_itself_where_it_does(string setting, string value)
    {
        using var sending = Build((setting, value));
        using var silent = Build();

        Assert.Equal(bool.TrueString, Capabilities(sending)["WorkerOpenTelemetryEnabled"]);
        Assert.DoesNotContain("WorkerOpenTelemetryEnabled", Capabilities(silent).Keys);

        static IDictionary<string, string> Capabilities(IHost host) => host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities;
    }

    /// <summary>Each of these hides the others where the container is left to find it: a hosted service asks for the store, an exporter for the identity, and the binder gives up.</summary>
    [Fact]
    public void One_message_names_every_setting_that_is_missing_or_wrong()
    {
        var refusal = Assert.Throws<FaultySettingsException>(() => Build(
            (TelemetryRoom.AzureMonitor, Insights), ("Ear:Identity:ClientId", "/subscriptions/x/identity"), ("Ear:Store:MaxRetries", "abc"), ("Ear:Store:Prefix", "1"), ("Ear:PrivateLink:AttemptTimeout", "long"),
            ("Ear:Smtp:Host", ""), ("Ear:Smtp:From", ""), ("Ear:Announcer:BatchSize", "0"), ("EventsTopic", ""), ("CopySchedule", "")));

        Assert.Equal(
            [
                "CopySchedule", "Ear:Announcer:BatchSize", "Ear:Identity:ClientId", "Ear:PrivateLink:AttemptTimeout", "Ear:Smtp:From", "Ear:Smtp:Host", "Ear:Store:MaxRetries", "Ear:Store:Prefix", "EventsTopic",
            ],
            refusal.Faults.Select(f => f.Split(' ')[0]));
        Assert.All(refusal.Faults, f => Assert.Contains($"\n  {f}", refusal.Message, StringComparison.Ordinal));
        Assert.Contains("client id", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The Functions host shows what its worker writes there, and takes the end for a failed start.</summary>
    [Fact]
    public async Task The_program_ends_with_that_message_on_standard_error()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(EarApp).Assembly.Location]) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var (name, value) in Sample().Concat(Filled).Append(new("Ear:Store:MaxRetries", "abc")).Append(new("Ear:Identity:ClientId", "me")).Append(new(TelemetryRoom.AzureMonitor, Insights)))
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("Ear cannot start: 2 settings are missing or wrong.", error, StringComparison.Ordinal);
        Assert.Contains("\n  Ear:Identity:ClientId is 'me'; ", error, StringComparison.Ordinal);
        Assert.Contains("\n  Ear:Store:MaxRetries is no whole number", error, StringComparison.Ordinal);
    }

    private static IHost Build(params (string, string)[] settings)
    {
        var app = FunctionsApplication.CreateBuilder([]);
        app.Configuration.AddInMemoryCollection(Sample()).AddInMemoryCollection(Filled).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Item1, (string?)s.Item2)));
        return app.BuildEar();
    }

    private static IEnumerable<KeyValuePair<string, string?>> Sample()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "local.settings.sample.json")))
            at = at.Parent ?? throw new InvalidOperationException("local.settings.sample.json is not above this test program.");
        return JsonNode.Parse(File.ReadAllText(Path.Combine(at.FullName, "local.settings.sample.json")))!["Values"]!.AsObject()
            .Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value!.GetValue<string>()));
    }
}
