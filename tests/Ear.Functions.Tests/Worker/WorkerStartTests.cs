using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ear.Clusters;
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

    [Theory]
    [MemberData(nameof(Crossing))]
    public void What_crosses_a_history_comes_back_as_it_went(Type type)
    {
        var samples = DurableSamples.Of(type);

        Assert.True(samples.Count > 0, $"{nameof(DurableSamples)} has no {type}: add values of it, none of them a default.");
        Assert.All(samples, sample => Assert.Equivalent(sample, JsonDataConverter.Default.Deserialize(JsonDataConverter.Default.Serialize(sample), type), strict: true));
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

    private static string DurableConnection()
        => JsonNode.Parse(File.ReadAllText(SampleSettings.File("host.json")))!["extensions"]!["durableTask"]!["storageProvider"]?["connectionName"]?.GetValue<string>() ?? HostStorage;

    [GeneratedRegex(@"\{\*?(\w+)\}", RegexOptions.None, 1000)]
    private static partial Regex RouteValue();

    [GeneratedRegex("%([^%]+)%", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
