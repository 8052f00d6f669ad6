using System.Reflection;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Messaging.ServiceBus;
using Ear.Functions;
using Ear.Functions.Azure;
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

/// <summary>Program.cs on the official worker, with the settings of local.settings.sample.json, up to where it would call the host.</summary>
public sealed class CloudStartTests
{
    /// <summary>What a deployment fills in; nothing of it is ever called.</summary>
    private static readonly Dictionary<string, string?> Filled = new()
    {
        ["Ear:Smtp:Host"] = "mail.invalid",
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
    };

    [Fact]
    public void The_container_builds_with_every_check_and_every_setting_passes_its_own()
    {
        using var host = Build();

        host.Services.GetRequiredService<IStartupValidator>().Validate();

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

        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+$", host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities["HttpUri"]);
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

    [Fact]
    public void An_identity_that_is_no_client_id_ends_the_start_and_says_what_to_write()
    {
        using var host = Build(("Ear:Identity:ClientId", "/subscriptions/x/identity"));

        var refusal = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("client id", refusal.Message, StringComparison.Ordinal);
    }

    private static IHost Build(params (string, string)[] settings)
    {
        var app = FunctionsApplication.CreateBuilder([]);
        app.Configuration.AddInMemoryCollection(Sample()).AddInMemoryCollection(Filled).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Item1, (string?)s.Item2)));
        return app.AddEar().AddEarInAzure().Build();
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
