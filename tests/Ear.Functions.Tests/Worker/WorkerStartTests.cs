using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ear.Clusters;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Functions.Copies;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Validation;
using Ear.PrivateEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Converters;

namespace Ear.Functions.Tests.Worker;

/// <summary>What a Functions host would refuse, or only notice at the first invocation.</summary>
public sealed partial class WorkerStartTests
{
    /// <summary>What the host itself stores timers, leases and task hubs in.</summary>
    private const string HostStorage = "AzureWebJobsStorage";

    /// <summary>Where a Service Bus trigger without a connection of its own listens.</summary>
    private const string ServiceBus = "AzureWebJobsServiceBus";

    public static TheoryData<string> Everyone => AppFunction.Names(_ => true);

    public static TheoryData<Type> Crossing => [.. DurableSamples.Crossing(AppFunction.All)];

    [Theory]
    [MemberData(nameof(Everyone))]
    public void A_function_has_one_trigger_and_is_told_everything_else_by_a_binding_its_route_or_the_host(string name)
    {
        var function = AppFunction.Named(name);
        var route = RouteValue().Matches(function.Http?.Route ?? "").Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Single(function.Triggers);
        Assert.True(function.Method.IsPublic && function.Method.DeclaringType!.IsVisible, "A host finds public methods of public classes only.");
        Assert.DoesNotContain(function.Method.GetParameters(), p =>
            !function.Triggers.Contains(p) && p.GetCustomAttribute<DurableClientAttribute>() is null && p.ParameterType != typeof(CancellationToken)
            && p.ParameterType != typeof(FunctionContext) && !route.Contains(p.Name!));
        if (function.Http is not null)
            Assert.Equal(typeof(HttpRequest), function.Triggers[0].ParameterType);
    }

    [Fact]
    public void Names_are_unique_whatever_their_case()
        => Assert.Equal(AppFunction.All.Count, AppFunction.All.Select(f => f.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Method_and_route_are_unique()
    {
        var doors = AppFunction.All.Where(f => f.Http is not null).SelectMany(f => f.Http!.Methods!.Select(m => $"{m} {RouteValue().Replace(f.Http.Route!, "{}")}")).ToList();
        Assert.Equal(doors.Distinct(StringComparer.OrdinalIgnoreCase), doors);
    }

    /// <summary>FunctionMetadataTests asks the same of what the official SDK writes.</summary>
    [Fact]
    public void No_route_hides_a_more_precise_one_from_a_host_that_tries_them_in_the_order_of_names()
    {
        var faults = RouteOrder.Faults(AppFunction.All.Where(f => f.Http is not null).Select(f => new RoutedFunction(f.Name, f.Http!.Methods!, f.Http.Route!)));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>By whichever comparison of letters.</summary>
    [Fact]
    public void What_answers_for_every_path_is_tried_last()
    {
        var last = Assert.Single(AppFunction.All, f => f.Http?.Route?.Contains("{*", StringComparison.Ordinal) is true).Name;

        Assert.Equal(last, AppFunction.All.Select(f => f.Name).Order(StringComparer.Ordinal).Last());
        Assert.Equal(last, AppFunction.All.Select(f => f.Name).Order(StringComparer.OrdinalIgnoreCase).Last());
        Assert.Equal(last, AppFunction.All.Select(f => f.Name).Order(StringComparer.InvariantCulture).Last());
    }

    [Theory]
    [MemberData(nameof(Crossing))]
    public void What_crosses_a_history_comes_back_as_it_went(Type type)
    {
        var samples = DurableSamples.Of(type);

        Assert.True(samples.Count > 0, $"{nameof(DurableSamples)} has no {type}: add values of it, none of them a default.");
        Assert.All(samples, sample => Assert.Equivalent(sample, JsonDataConverter.Default.Deserialize(JsonDataConverter.Default.Serialize(sample), type), strict: true));
    }

    [Fact]
    public void What_an_orchestrator_is_given_is_found_in_its_code()
    {
        var read = OrchestratorCalls.ReadBack(typeof(EarApp).Assembly);

        // Each by another orchestrator, in an async method or a lambda; the last one is an activity's answer.
        Assert.Superset(new HashSet<Type> { typeof(ClusterRef), typeof(EndpointWatch), typeof(SweepStart), typeof(CopyStart), typeof(EndpointLook) }, read.ToHashSet());
    }

    [Fact]
    public void Every_move_is_among_them()
        => Assert.Equal(
            typeof(Move).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType.Name).Order(StringComparer.Ordinal),
            DurableSamples.Moves.Select(m => m.GetType().Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_setting_and_connection_that_a_trigger_or_binding_names_is_in_the_sample()
    {
        var settings = SampleSettings.Read();
        var attributes = AppFunction.All.SelectMany(f => f.Method.GetParameters()).SelectMany(p => p.GetCustomAttributes()).ToList();
        var placeholders = attributes.SelectMany(a => a.GetType().GetProperties().Where(p => p.PropertyType == typeof(string)).Select(p => (string?)p.GetValue(a)))
            .OfType<string>().SelectMany(text => Placeholder().Matches(text)).Select(m => m.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList();
        var connections = attributes.OfType<ServiceBusTriggerAttribute>().Select(t => t.Connection ?? ServiceBus)
            .Concat(attributes.OfType<DurableClientAttribute>().Select(c => c.ConnectionName ?? DurableConnection()))
            .Append(HostStorage).Distinct(StringComparer.Ordinal);

        Assert.Contains("EventsTopic", placeholders);
        Assert.All(placeholders, name => Assert.Contains(name, settings.Keys));
        // By name with a connection string, or by an identity with X__something.
        Assert.All(connections, name => Assert.Contains(settings.Keys, k => k == name || k.StartsWith($"{name}:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Host_json_says_what_the_app_relies_on()
    {
        var host = JsonNode.Parse(File.ReadAllText(SampleSettings.File("host.json")))!;

        Assert.Equal("2.0", host["version"]!.GetValue<string>());
        // With any other mode the host sends by an SDK of its own what the worker sends too.
        Assert.Equal("OpenTelemetry", host["telemetryMode"]!.GetValue<string>());
        // Every path in the API's document begins with it.
        Assert.Equal("api", host["extensions"]!["http"]!["routePrefix"]!.GetValue<string>());
        Assert.Matches("^[A-Za-z][A-Za-z0-9]{2,44}$", host["extensions"]!["durableTask"]!["hubName"]!.GetValue<string>());
        // An app that returns before its message is settled would lose it.
        Assert.True(host["extensions"]!["serviceBus"]!["autoCompleteMessages"]!.GetValue<bool>());
    }

    /// <summary>Unsaid, an instance takes up 8 projects, and keeps the place of each for the minute after its last event (docs/operations/limits.md).</summary>
    [Fact]
    public void Host_json_says_how_many_projects_events_are_handed_over_at_once_by_the_settings_of_sessions()
    {
        var bus = JsonNode.Parse(File.ReadAllText(SampleSettings.File("host.json")))!["extensions"]!["serviceBus"]!.AsObject();

        Assert.All(AppFunction.All.Select(f => f.Trigger<ServiceBusTriggerAttribute>()).OfType<ServiceBusTriggerAttribute>(), t => Assert.True(t.IsSessionsEnabled));
        var names = bus.Select(s => s.Key).ToList();
        Assert.Contains("maxConcurrentSessions", names);
        Assert.Contains("sessionIdleTimeout", names);
        Assert.DoesNotContain("maxConcurrentCalls", names);
        Assert.InRange(bus["maxConcurrentSessions"]!.GetValue<int>(), 32, 256);
        Assert.InRange(TimeSpan.ParseExact(bus["sessionIdleTimeout"]!.GetValue<string>(), "c", CultureInfo.InvariantCulture), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    private static string DurableConnection()
        => JsonNode.Parse(File.ReadAllText(SampleSettings.File("host.json")))!["extensions"]!["durableTask"]!["storageProvider"]?["connectionName"]?.GetValue<string>() ?? HostStorage;

    /// <summary>As <c>{roleId}</c> or <c>{roleId:length(24)}</c>.</summary>
    [GeneratedRegex(@"\{\*?(\w+)[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex RouteValue();

    [GeneratedRegex("%([^%]+)%", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
