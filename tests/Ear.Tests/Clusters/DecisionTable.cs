using System.Text;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>The situations that docs/cluster-lifecycle.md shows, and the planner's answer to each. Three members, node 0 the primary, unless said otherwise.</summary>
internal static class DecisionTable
{
    private const KeyProvider Aws = KeyProvider.Aws;

    private static readonly ClusterView Plain = Views.Settled();
    private static readonly ClusterView Encrypted = Views.Settled(Aws);
    private static readonly ClusterView ToEncrypt = Plain with { Encryption = Aws, Key = KeyView.Valid };
    private static readonly ClusterView ToDecrypt = Encrypted with { Encryption = null };

    public static IReadOnlyList<(string Part, string Situation, ClusterView View)> Rows { get; } =
    [
        ("Creation", "nothing exists yet", Encrypted.WithOnly(0)),
        ("Creation", "nodes 0 and 1 were asked for", Encrypted.WithOnly(2)),
        ("Creation", "nothing exists yet; the key's state is unknown", Encrypted.WithOnly(0) with { Key = KeyView.Unknown }),
        ("Creation", "node 1's machine is overdue", Encrypted.With(1, n => n with { IsProvided = false, IsEnrolled = false, IsMember = false })),
        ("Creation", "node 1 is enrolling", Encrypted.With(1, n => n with { IsEnrolled = false, IsMember = false })),
        ("Creation", "all run, none is a member", Encrypted.WithAll(n => n with { IsMember = false, Role = MemberRole.NoSet, CaughtUp = false })),
        ("Creation", "node 0 is primary, nodes 1 and 2 are no members", Encrypted.With(1, Outside).With(2, Outside)),
        ("Creation", "node 1 was admitted and syncs, node 2 is no member", Encrypted.With(1, Syncing).With(2, Outside)),

        ("At rest", "everything is as wanted", Encrypted),
        ("At rest", "everything is as wanted; the key's state is unknown", Encrypted with { Key = KeyView.Unknown }),
        ("At rest", "node 2 went down by itself", Encrypted.With(2, Views.Down)),
        ("At rest", "node 2's agent is not heard", Encrypted.With(2, n => Views.Down(n) with { Process = ProcessView.Unheard })),
        ("At rest", "there is no primary", Encrypted.With(0, n => n with { Role = MemberRole.Secondary })),

        ("Key", "the key is invalid, all run", Encrypted with { Key = KeyView.Invalid }),
        ("Key", "the key is invalid, a re-sync is under way", ToEncrypt.With(1, n => Syncing(n) with { Busy = "re-syncing" }) with { Key = KeyView.Invalid }),
        ("Key", "the key is invalid, all are told to stop, node 0 still runs", Encrypted.WithAll(Views.Stopped).With(0, n => n with { Process = ProcessView.Up }) with { Key = KeyView.Invalid }),
        ("Key", "the key is invalid, all are down", Encrypted.WithAll(Views.Stopped) with { Key = KeyView.Invalid }),
        ("Key", "all were stopped for the key, its state is unknown", Encrypted.WithAll(Views.Stopped) with { Key = KeyView.Unknown }),
        ("Key", "all were stopped for the key, it is valid again", Encrypted.WithAll(Views.Stopped)),

        ("Encryption", "to be encrypted", ToEncrypt),
        ("Encryption", "to be encrypted; the key's state is unknown", ToEncrypt with { Key = KeyView.Unknown }),
        ("Encryption", "to be encrypted, node 1 is", ToEncrypt.With(1, Done)),
        ("Encryption", "to be encrypted, node 1 re-syncs", ToEncrypt.With(1, n => Syncing(n) with { Busy = "re-syncing (syncing, 40 %)" })),
        ("Encryption", "to be encrypted, node 1's re-sync failed a moment ago", ToEncrypt.With(1, n => n with { RetryIn = TimeSpan.FromSeconds(10) })),
        ("Encryption", "to be encrypted, node 1 is down by itself", ToEncrypt.With(1, Views.Down)),
        ("Encryption", "to be encrypted, node 2 has not caught up", ToEncrypt.With(2, n => n with { CaughtUp = false })),
        ("Encryption", "to be encrypted, node 1 has no room for a second copy", ToEncrypt.With(1, n => n with { HasDiskRoom = false })),
        ("Encryption", "to be encrypted, node 2 has priority 0", ToEncrypt.With(2, n => n with { Priority = 0 })),
        ("Encryption", "to be encrypted, only the primary is not", ToEncrypt.With(1, Done).With(2, Done)),
        ("Encryption", "to be encrypted, node 0 stepped down, node 1 is primary", ToEncrypt.With(0, n => n with { Role = MemberRole.Secondary }).With(1, n => Done(n) with { Role = MemberRole.Primary }).With(2, Done)),
        ("Encryption", "to be plain again", ToDecrypt),
        ("Encryption", "to be encrypted and larger", ToEncrypt with { InstanceSize = "M20" }),
        ("Encryption", "to be encrypted, with a single member", ToEncrypt.WithOnly(1) with { Members = 1 }),

        ("Size", "to be larger", Encrypted with { InstanceSize = "M20" }),
        ("Size", "to be larger, only the primary is not", (Encrypted with { InstanceSize = "M20" }).With(1, Larger).With(2, Larger)),
        ("Size", "to be larger; all were stopped for the key, it is valid again", Encrypted.WithAll(Views.Stopped) with { InstanceSize = "M20" }),
        ("Size", "to have two members", Encrypted with { Members = 2 }),
        ("Size", "to have five members", Encrypted with { Members = 5 }),

        ("Failover", "node 0 is to be the primary no more", Encrypted with { PrimaryToRestart = Views.Id(0) }),
        ("Failover", "node 0 is to be the primary no more; the key's state is unknown", Encrypted with { PrimaryToRestart = Views.Id(0), Key = KeyView.Unknown }),
        ("Failover", "node 0 is to be the primary no more, node 2 went down by itself", (Encrypted with { PrimaryToRestart = Views.Id(0) }).With(2, Views.Down)),
        ("Failover", "node 0 was to be the primary no more, and node 1 is", (Encrypted with { PrimaryToRestart = Views.Id(0) }).With(0, n => n with { Role = MemberRole.Secondary }).With(1, n => n with { Role = MemberRole.Primary })),

        ("Pause", "paused, all run", Encrypted with { Paused = true }),
        ("Pause", "paused, all are told to stop, node 0 still runs", Encrypted.WithAll(Views.Stopped).With(0, n => n with { Process = ProcessView.Up }) with { Paused = true }),
        ("Pause", "paused, all are down", Encrypted.WithAll(Views.Stopped) with { Paused = true }),
        ("Pause", "paused, all are down; the key is invalid", Encrypted.WithAll(Views.Stopped) with { Paused = true, Key = KeyView.Invalid }),
        ("Pause", "resumed; the key is invalid", Encrypted.WithAll(Views.Stopped) with { Key = KeyView.Invalid }),
        ("Pause", "resumed; the key is valid", Encrypted.WithAll(Views.Stopped)),

        ("Deletion", "to be deleted, all run", Encrypted with { Deleting = true }),
        ("Deletion", "to be deleted, all run; the key's state is unknown", Encrypted with { Deleting = true, Key = KeyView.Unknown }),
        ("Deletion", "to be deleted, all are told to stop, node 0 still runs", Encrypted.WithAll(Views.Stopped).With(0, n => n with { Process = ProcessView.Up }) with { Deleting = true }),
        ("Deletion", "to be deleted, all are down", Encrypted.WithAll(Views.Stopped) with { Deleting = true }),
        ("Deletion", "to be deleted, no member is left", Encrypted.WithOnly(0) with { Deleting = true }),
    ];

    public static string Markdown()
    {
        var text = new StringBuilder();
        foreach (var part in Rows.GroupBy(r => r.Part))
        {
            text.Append($"### {part.Key}\n\n| situation | next move |\n|---|---|\n");
            foreach (var (_, situation, view) in part)
                text.Append($"| {situation} | {Words(ClusterPlanner.Next(view))} |\n");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Words(Move move) => move switch
    {
        Move.StartProcesses => "**StartProcesses**",
        Move.StopProcesses m => $"**StopProcesses** ({m.Why})",
        Move.ResyncNode m => $"**ResyncNode** {Name(m.Node)}, {(m.Encryption is { } provider ? provider.AtlasName() : "NONE")}",
        Move.StepDownPrimary m => $"**StepDownPrimary** {Name(m.Node)}",
        Move.AddNode m => $"**AddNode** {m.Index}",
        Move.RemoveNode m => $"**RemoveNode** {Name(m.Node)}",
        Move.ResizeNode m => $"**ResizeNode** {Name(m.Node)}",
        Move.Wait m => $"Wait, at most {(m.AtMost.TotalMinutes >= 1 ? $"{m.AtMost.TotalMinutes} min" : $"{m.AtMost.TotalSeconds} s")}: {m.Why}",
        Move.Done => "Done",
        _ => throw new ArgumentOutOfRangeException(nameof(move), move, null),
    };

    private static string Name(NodeId id) => $"node {Convert.ToInt32(id.Value[^4..], 16)}";

    private static NodeView Outside(NodeView node) => node with { IsMember = false, Role = MemberRole.NoSet, CaughtUp = false };

    private static NodeView Syncing(NodeView node) => node with { Role = MemberRole.Startup2, CaughtUp = false };

    private static NodeView Done(NodeView node) => node with { Encryption = Aws };

    private static NodeView Larger(NodeView node) => node with { InstanceSize = "M20" };
}
