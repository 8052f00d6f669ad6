using System.Collections.Immutable;
using Ear.Clusters;
using Ear.Copies;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Functions.Copies;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Validation;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Functions.Tests.Worker;

/// <summary>Values of every type that crosses a durable history, none of them a default.</summary>
internal static class DurableSamples
{
    private static readonly ProjectId Project = ProjectId.FromValid("111111111111111111111111");
    private static readonly NodeId Node = NodeId.FromValid("333333333333333333333333");
    private static readonly ClusterRef Cluster = new(Project, ClusterName.Parse("orders", null), ClusterId.FromValid("222222222222222222222222"));
    private static readonly PrivateEndpointRef Endpoint = new(Project, PrivateEndpointId.FromValid("444444444444444444444444"));
    private static readonly CopyLane Lane = new("keys", CopyTable.Index, "secret", "secreu") { Rows = "data-key" };
    private static readonly CopiedPart Part = new("keys-00003-ab.jsonl.gz", CopyTable.Index, 7, 512, "ab12", 1, new("p", "r"));
    private static readonly KeyRef Key = new(Project, KeyProvider.Gcp);

    public static IReadOnlyList<Move> Moves { get; } =
    [
        new Move.StartProcesses(), new Move.StopProcesses(StopReason.Paused), new Move.ResyncNode(Node, KeyProvider.Azure), new Move.ResyncNode(Node, null),
        new Move.StepDownPrimary(Node), new Move.AddNode(4), new Move.RemoveNode(Node), new Move.ResizeNode(Node),
        new Move.Wait(TimeSpan.FromSeconds(90), "The primary is elected."), new Move.Done(),
    ];

    private static readonly IReadOnlyList<object> All =
    [
        true, Cluster, new EndpointWatch(Project, Endpoint.Id, 3), Key, new Shard("a", "b"), new Shard(null, null), new ShardStart("a"), new ShardStart(null), new Suspension(KeyProvider.Aws, 7),
        new SweepStart("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), new SweepStart(null), new SweepEnd(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), new(2026, 11, 24, 12, 0, 7, TimeSpan.Zero)),
        ImmutableArray.Create(Key, Key with { Provider = KeyProvider.Aws }),
        new SweepFindings(ImmutableDictionary<KeyProvider, int>.Empty.Add(KeyProvider.Azure, 3), [Key], [Key, Key]), SweepFindings.None,
        new EndpointLook("It waits for its approval.", TimeSpan.FromMinutes(3), Endpoint), new EndpointLook("Nobody answers.", TimeSpan.FromSeconds(40), null, 3), new EndpointLook("It is gone.", null),
        "2026-11-24T023000Z", 12_345L, new CopyStart("2026-11-24T023000Z"), new CopyPlan([Lane, Lane with { Rows = null }], Lane),
        new CopyStep("2026-11-24T023000Z", Lane, 3, new("p", "r")), Part, Part with { Next = null },
        new WholeCopy("2026-11-24T023000Z", new(2026, 11, 24, 2, 30, 0, TimeSpan.Zero), new(2026, 11, 24, 2, 31, 0, TimeSpan.Zero), [Part]),
        .. Moves.Select(m => new MoveOrder(Cluster, m)), .. Moves.Select(m => new NextMove(m)),
    ];

    public static IReadOnlyList<object> Of(Type type) => [.. All.Where(s => s.GetType() == type)];

    /// <summary>
    /// What goes into and comes out of orchestrators and activities: the activities' parameters, all results, and what orchestrators read back by its type. An input is
    /// passed as an object; it is covered by the type as which its receiver reads it.
    /// </summary>
    public static IReadOnlyList<Type> Crossing(IEnumerable<AppFunction> functions) =>
    [
        .. functions.Where(f => f.IsDurable)
            .SelectMany(f => f.Triggers.Select(t => t.ParameterType).Where(t => t.Namespace != "Microsoft.DurableTask").Append(Result(f.Method.ReturnType)))
            .Where(t => t != typeof(void)).Concat(OrchestratorCalls.ReadBack(typeof(EarApp).Assembly)).Distinct(),
    ];

    private static Type Result(Type type)
        => type == typeof(Task) ? typeof(void) : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) ? type.GetGenericArguments()[0] : type;
}
