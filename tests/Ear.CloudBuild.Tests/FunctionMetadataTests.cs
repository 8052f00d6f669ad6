using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Functions;
using Ear.Functions.Tests.Worker;
using Microsoft.Azure.Functions.Worker;

namespace Ear.CloudBuild.Tests;

/// <summary>What the official SDK tells a Functions host about the app (functions.metadata, extensions.json, worker.config.json beside it).</summary>
public sealed class FunctionMetadataTests
{
    private static readonly JsonArray Functions = Read("functions.metadata").AsArray();

    public static TheoryData<string> Names => [.. Functions.Select(NameOf)];

    [Fact]
    public void Every_function_is_told_once()
    {
        var written = typeof(EarApp).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Select(m => m.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>().ToList();

        Assert.Equal(written.Order(StringComparer.Ordinal), Functions.Select(NameOf).Order(StringComparer.Ordinal));
        Assert.Equal(written.Count, written.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_has_one_trigger_and_no_binding_of_a_kind_that_is_not_known(string name)
    {
        var types = Bindings(name).Select(b => b["type"]!.GetValue<string>()).ToList();

        Assert.Single(types, t => t.EndsWith("Trigger", StringComparison.Ordinal));
        Assert.Subset(new HashSet<string> { "httpTrigger", "http", "timerTrigger", "serviceBusTrigger", "orchestrationTrigger", "activityTrigger", "durableClient" }, types.ToHashSet());
    }

    /// <summary>The host tries routes in the order of the functions' names, and the first that fits wins (ADR-0017); two of the same method and route count, too.</summary>
    [Fact]
    public void No_function_is_hidden_by_one_whose_name_comes_first()
    {
        var doors = Functions.SelectMany(f => Bindings(NameOf(f)).Where(b => b["type"]!.GetValue<string>() == "httpTrigger")
            .Select(b => new RoutedFunction(NameOf(f), [.. b["methods"]!.AsArray().Select(m => m!.GetValue<string>())], b["route"]!.GetValue<string>()))).ToList();

        Assert.True(doors.Count > 50, $"{doors.Count}");
        var faults = RouteOrder.Faults(doors);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Each scaling group costs; docs/operations/costs.md counts them.</summary>
    [Fact]
    public void The_costs_count_every_group_that_scales_by_itself()
    {
        var triggers = Functions.SelectMany(f => Bindings(NameOf(f))).Select(b => b["type"]!.GetValue<string>()).Where(t => t.EndsWith("Trigger", StringComparison.Ordinal)).ToList();
        var (timers, subscriptions) = (triggers.Count(t => t is "timerTrigger"), triggers.Count(t => t is "serviceBusTrigger"));

        var costs = File.ReadAllText(Path.Combine(Root, "docs", "operations", "costs.md"));
        Assert.Contains($"for each of {2 + timers + subscriptions} scaling groups", costs, StringComparison.Ordinal);
        Assert.Contains($"a timer ({timers}) or a subscription ({subscriptions})", costs, StringComparison.Ordinal);
    }

    /// <summary>In Azure the host asks for the keys, by what is told here (ADR-0014).</summary>
    [Fact]
    public void The_host_is_told_to_ask_for_its_keys_at_the_operators_doors_and_nowhere_else()
    {
        var levels = Functions.SelectMany(f => Bindings(NameOf(f)).Where(b => b["type"]!.GetValue<string>() == "httpTrigger").Select(b => (Name: NameOf(f), Level: b["authLevel"]!.GetValue<string>()))).ToList();

        Assert.Equal(
            [("forgetNodeMachine", "Function"), ("giveFirstAccess", "Admin"), ("issueNodeEnrolment", "Function"), ("listAwaitedNodes", "Function"), ("listReleasedNodes", "Function"), ("renewOwnSecrets", "Admin")],
            levels.Where(l => l.Level != "Anonymous").OrderBy(l => l.Name, StringComparer.Ordinal));
    }

    /// <summary>The host keeps these for itself, below no prefix of ours.</summary>
    [Fact]
    public void No_route_begins_where_the_host_has_its_own()
        => Assert.DoesNotContain(
            Functions.SelectMany(f => Bindings(NameOf(f))).Where(b => b["type"]!.GetValue<string>() == "httpTrigger").Select(b => b["route"]!.GetValue<string>()),
            route => route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_host_starts_the_program_and_loads_the_durable_extension()
    {
        Assert.Equal("dotnet-isolated", Read("worker.config.json")["description"]!["language"]!.GetValue<string>());
        Assert.Contains(Read("extensions.json")["extensions"]!.AsArray(), e => e!["name"]!.GetValue<string>() == "DurableTask");
    }

    private static string Root
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
                at = at.Parent ?? throw new InvalidOperationException("Ear.Functions.sln is not above this test program.");
            return at.FullName;
        }
    }

    private static string NameOf(JsonNode? function) => function!["name"]!.GetValue<string>();

    private static IEnumerable<JsonNode> Bindings(string name) => Functions.Single(f => NameOf(f) == name)!["bindings"]!.AsArray().OfType<JsonNode>();

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file)))!;
}
