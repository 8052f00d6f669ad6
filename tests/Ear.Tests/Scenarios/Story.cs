using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Tests.Scenarios;

/// <summary>
/// Plays a scenario file. A line is <c>action ; action → expectation, expectation</c>; # begins a comment. The words are in
/// <see cref="DoAsync"/> and <see cref="ExpectAsync"/>; whoever needs another one adds it there.
/// </summary>
internal sealed class Story(World world)
{
    private static readonly ProjectId ProjectId = ProjectId.FromValid("aaaaaaaaaaaaaaaaaaaaaaaa");
    private static readonly RoleId Role = RoleId.FromValid("bbbbbbbbbbbbbbbbbbbbbbbb");

    private ClusterName _cluster;
    private ClusterId _clusterId;
    private string _key = "";
    private int _eventsBefore;
    private int _mailsBefore;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task PlayAsync(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var text = line.Split('#')[0].Trim();
            if (text.Length == 0)
                continue;
            try
            {
                await PlayAsync(text);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Line {number}: {text}\n{e.Message}\n{await SceneAsync()}", e);
            }
        }
    }

    private async Task PlayAsync(string text)
    {
        (_eventsBefore, _mailsBefore) = (world.Store.AllEvents.Count, world.Mails.Count);
        var parts = text.Split('→', 2);
        foreach (var action in parts[0].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            await DoAsync(action.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        foreach (var expectation in parts.ElementAtOrDefault(1)?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            await ExpectAsync(expectation.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private Task DoAsync(string[] words) => words switch
    {
        ["cluster", var name, "on", var key] => CreateAsync(name, key, null),
        ["cluster", var name, "encrypted", "on", var key] => CreateAsync(name, key, KeyProvider.Aws),
        ["fleet", "of", var count, "projects"] => FleetAsync(int.Parse(count)),
        ["fleet", "disabled"] => Say(i => $"fleet{i}", new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled")),
        ["ask", .. var wish] => WishAsync(wish),
        ["enable" or "disable" or "resize" or "delete", ..] => ThenSettleAsync(WishAsync(words)),
        ["key", var state] => Say(state),
        ["wait", [.. var minutes, 'm']] => world.RunAsync(TimeSpan.FromMinutes(int.Parse(minutes))),
        ["wait", [.. var seconds, 's']] => world.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds))),
        ["sweep"] => SweepAsync(),
        ["try", "again"] => ThenSettleAsync(World.AgainAsync(() => world.OnDemand.CheckNowAsync(ProjectId, Cancellation))),
        ["kill", var node] => Run(() => Node(node).Crash()),
        ["answers", "get", "lost"] => Run(world.LoseAnswers),
        ["ear", "dies"] => Run(world.Crash),
        ["settle"] => world.SettleAsync(),
        _ => throw new FormatException($"No such action: {string.Join(' ', words)}"),
    };

    private async Task ExpectAsync(string[] words)
    {
        var cluster = (await world.Store.FindAsync(ProjectId, _cluster, Cancellation))?.Document;
        var members = Members().ToList();
        var events = world.Store.AllEvents.Skip(_eventsBefore).ToList();
        switch (words)
        {
            case ["running"]:
                Assert.All(members, n => Assert.True(n.IsUp, $"n{n.Index} is down."));
                Assert.True(world.Sets[_clusterId].HasPrimary, "There is no primary.");
                break;
            case ["stopped"]:
                Assert.All(members, n => Assert.False(n.IsUp, $"n{n.Index} is up."));
                break;
            case ["up", .. var names]:
                Assert.Equal(names, members.Where(n => n.IsUp && !n.IsRemoved).Select(n => $"n{n.Index}"));
                break;
            case ["resynced", .. var names]:
                Assert.Equal(names, events.Where(e => e.Type == "CLUSTER_INSTANCE_RESYNC_CLEARED").Select(e => $"n{members.Single(n => n.Id.Value == e.NodeId).Index}"));
                break;
            case ["encrypted"]:
                Assert.All(members, n => Assert.Equal(EncryptionMode.Aes256Gcm, n.Encryption));
                break;
            case ["plain"]:
                Assert.All(members, n => Assert.Equal(EncryptionMode.None, n.Encryption));
                break;
            case ["size", var size]:
                Assert.All(members, n => Assert.Equal(size, n.Size));
                break;
            case ["idle"]:
                Assert.Equal((ClusterState.Idle, false), (cluster!.State, cluster.IsPending));
                break;
            case ["pending"]:
                Assert.True(cluster!.IsPending, "Nothing is pending.");
                break;
            case ["gone"]:
                Assert.Null(cluster);
                Assert.All(members, n => Assert.True(n.IsRemoved));
                break;
            case ["mail", .. var names]:
                var mail = Assert.Single(world.Mails.Skip(_mailsBefore));
                Assert.Equal(names, mail.Body.Split('\n').Where(l => l.StartsWith("  - ", StringComparison.Ordinal)).Select(l => l[4..]));
                break;
            case ["no", "mail"]:
                Assert.Empty(world.Mails.Skip(_mailsBefore));
                break;
            case ["announced", "nothing"]:
                Assert.Empty(events.Select(e => e.Type));
                break;
            case ["announced", .. var types]:
                Assert.All(types, t => Assert.Single(events, e => e.Type == t || e.Type == $"ENCRYPTION_AT_REST_{t}"));
                break;
            case ["valid" or "invalid"]:
                Assert.Equal(words[0] == "valid", (await ProjectAsync()).EncryptionAtRest.StandingOf(KeyProvider.Aws)!.Valid);
                break;
            case ["alerts", .. var types]:
                Assert.Equal(types.Order(StringComparer.Ordinal), (await world.Store.ListAsync(ProjectId, AlertStatus.Open, Cancellation))
                    .Select(a => a.Document.Type.Replace("ENCRYPTION_AT_REST_", "")).Order(StringComparer.Ordinal));
                break;
            case ["suspended"]:
                Assert.Contains(KeyProvider.Aws, world.Suspended);
                break;
            default:
                throw new FormatException($"No such expectation: {string.Join(' ', words)}");
        }
    }

    private async Task CreateAsync(string name, string key, KeyProvider? encryption)
    {
        _key = key;
        if (await world.Store.FindAsync(ProjectId, Cancellation) is null)
            await CreateProjectAsync(ProjectId, key);
        (_cluster, _clusterId) = (ClusterName.Parse(name, null), ClusterId.FromValid($"{name.Length:x12}{name.GetHashCode(StringComparison.Ordinal) & 0xfff:x12}"));
        var cluster = new Cluster(_clusterId, ProjectId, _cluster, world.Time.GetUtcNow(), new ClusterSpec(encryption, "M10", 3));
        await SaveAsync(() => world.Store.SaveAsync(cluster, 0, [], Cancellation));
        await ThenSettleAsync(world.WakeAsync(cluster.Ref, Cancellation));
    }

    private async Task CreateProjectAsync(ProjectId id, string key)
    {
        world.Key.Create(key);
        var settings = new AwsKmsSettings(Role, key, "US_EAST_1", RequirePrivateNetworking: false);
        var project = new Project(id, OrgId.FromValid("cccccccccccccccccccccccc"), id == ProjectId ? "payments" : $"payments {id}", world.Time.GetUtcNow())
        {
            OwnerEmails = ["owner@example.com"],
            AwsRoles = [new(Role, "external", world.Time.GetUtcNow(), world.Time.GetUtcNow(), "arn:aws:iam::123456789012:role/ear")],
            EncryptionAtRest = EncryptionAtRest.Off with { Aws = settings },
        };
        var canary = await world.Key.WrapAsync(project.KeyOf(KeyProvider.Aws)!, new byte[32], KeyContext.ForCanary(id.Value), Cancellation);
        var standing = new KeyStanding(true, new KeyVerdict.Valid(), world.Time.GetUtcNow(), canary.Value!, world.Time.GetUtcNow());
        await SaveAsync(() => world.Store.SaveAsync(project.With(KeyProvider.Aws, standing), 0, [], Cancellation));
    }

    private async Task FleetAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await CreateProjectAsync(ProjectId.FromValid($"{0xf0000 + i:x24}"), $"fleet{i}");
        }
    }

    // As the door records a wish: nothing but the spec changes.
    private async Task WishAsync(string[] words)
    {
        var (cluster, version) = (await world.Store.FindAsync(ProjectId, _cluster, Cancellation))!;
        var wished = words switch
        {
            ["enable"] => cluster with { Spec = cluster.Spec with { EncryptionAtRestProvider = KeyProvider.Aws } },
            ["disable"] => cluster with { Spec = cluster.Spec with { EncryptionAtRestProvider = null } },
            ["resize", var size] => cluster with { Spec = cluster.Spec with { InstanceSize = size } },
            ["shrink", "to", var count] => cluster with { Spec = cluster.Spec with { ElectableNodes = int.Parse(count) } },
            ["delete"] => cluster with { DeletionRequested = true },
            _ => throw new FormatException($"No such wish: {string.Join(' ', words)}"),
        };
        await SaveAsync(() => world.Store.SaveAsync(wished with { Generation = cluster.Generation + 1 }, version, [], Cancellation));
        await world.WakeAsync(cluster.Ref, Cancellation);
    }

    private Task Say(string state) => Run(() => world.Key.Say(_key, state switch
    {
        "enabled" or "reachable" => new KeyVerdict.Valid(),
        "disabled" => new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"),
        "denied" => new KeyVerdict.Invalid(InvalidReason.PermissionDenied, "denied"),
        "unreachable" => new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "no route"),
        "throttled" => new KeyVerdict.Unknown(UnknownReason.Throttled, "slow down"),
        "misread" => new KeyVerdict.Unknown(UnknownReason.OurFault, "our clock is wrong"),
        _ => throw new FormatException($"No such state of a key: {state}"),
    }));

    private Task Say(Func<int, string> key, KeyVerdict verdict) => Run(() =>
    {
        for (var i = 0; i < 30; i++)
            world.Key.Say(key(i), verdict);
    });

    // The story's own writes are not what is tested: done is done.
    private static async Task SaveAsync(Func<Task<SaveResult>> save)
    {
        try
        {
            Assert.True((await save()).Saved);
        }
        catch (LostAnswerException)
        {
            await Task.Yield();
        }
    }

    private async Task SweepAsync()
    {
        await world.SweepAsync();
        await world.RunAsync(TimeSpan.FromSeconds(30));
    }

    private async Task ThenSettleAsync(Task action)
    {
        await action;
        await world.SettleAsync();
    }

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private IEnumerable<ScriptedNode> Members() => world.Nodes.Values.Where(n => n.Cluster == _clusterId).OrderBy(n => n.Index);

    private ScriptedNode Node(string name) => Members().Single(n => $"n{n.Index}" == name);

    private async Task<Project> ProjectAsync() => (await world.Store.FindAsync(ProjectId, Cancellation))!.Document;

    private async Task<string> SceneAsync()
    {
        var cluster = (await world.Store.FindAsync(ProjectId, _cluster, Cancellation))?.Document;
        var view = cluster is null ? null : ClusterSight.ViewOf(cluster, await ProjectAsync(),
            (await world.Store.ListAsync(ProjectId, _clusterId, Cancellation)).Select(n => n.Document), world.Time.GetUtcNow());
        return $"{cluster}\n{(view is null ? "gone" : ClusterPlanner.Next(view))}\n{string.Join('\n', view?.Nodes ?? [])}\n"
            + string.Join('\n', world.Store.AllEvents.Skip(_eventsBefore).Select(e => $"{e.Type} {e.ClusterName} {string.Join(' ', e.Details)}"));
    }
}
