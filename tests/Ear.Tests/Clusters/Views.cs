using System.Collections.Immutable;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>Cluster views to start from: three members, node 0 the primary, everything as wanted.</summary>
internal static class Views
{
    public static NodeId Id(int index) => NodeId.FromValid($"{index:x24}");

    public static NodeView Node(int index, MemberRole role = MemberRole.Secondary, KeyProvider? encryption = null, string size = "M10")
        => new(Id(index), index, OrderedRunning: true, ProcessView.Up, role, encryption, size, CaughtUp: true);

    public static ClusterView Settled(KeyProvider? encryption = null)
        => new(encryption, "M10", Members: 3, Deleting: false, encryption is null ? KeyView.NotNeeded : KeyView.Valid,
            [Node(0, MemberRole.Primary, encryption), Node(1, encryption: encryption), Node(2, encryption: encryption)]);

    public static ClusterView With(this ClusterView view, int index, Func<NodeView, NodeView> change)
        => view with { Nodes = [.. view.Nodes.Select(n => n.Index == index ? change(n) : n)] };

    public static ClusterView WithAll(this ClusterView view, Func<NodeView, NodeView> change)
        => view with { Nodes = [.. view.Nodes.Select(change)] };

    public static ClusterView WithOnly(this ClusterView view, int count) => view with { Nodes = [.. view.Nodes.Take(count)] };

    public static NodeView Down(NodeView node) => node with { Process = ProcessView.Down, Role = MemberRole.Down, CaughtUp = false };

    public static NodeView Stopped(NodeView node) => Down(node) with { OrderedRunning = false };

    public static ImmutableArray<NodeView> Others(this ClusterView view, NodeId node) => [.. view.Nodes.Where(n => n.Id != node)];
}
