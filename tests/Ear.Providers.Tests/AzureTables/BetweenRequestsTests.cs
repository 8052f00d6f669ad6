using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Projects;
using Ear.Providers.Tests.Stores;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>
/// A save is several requests. Each test plays one operation once for each of its requests: right before it we die, or another process does the very thing that
/// could go wrong there. Afterwards the store must tell one story, whichever way one asks (ADR 0007).
/// </summary>
public sealed class BetweenRequestsTests : IDisposable
{
    private readonly List<AzureUnderTest> _stores = [];
    private readonly OrgId _organisation = Some.Id<OrgId>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _stores.ForEach(s => s.Dispose());

    [Fact]
    public Task A_creation_that_dies_anywhere_is_whole_or_not_there_and_leaves_the_name_to_the_next()
        => WithDeathAtEachRequestAsync(
            (_, _) => Task.CompletedTask,
            (store, project) => store.Projects.SaveAsync(project, 0, [Some.Event(project.Id, "CREATED")], Cancellation),
            async (store, project) =>
            {
                var isThere = await IsWholeAsync(store, project, "CREATED");
                var next = Some.Project() with { OrgId = _organisation };
                Assert.Equal(!isThere, (await store.Projects.SaveAsync(next, 0, [], Cancellation)).Saved);
                Assert.Equal(isThere ? project.Id : next.Id, (await store.Projects.FindAsync(_organisation, "orders", Cancellation))!.Document.Id);
                Assert.False((await store.Projects.SaveAsync(project, 0, [], Cancellation)).Saved);
                return isThere;
            });

    [Fact]
    public Task A_renaming_that_dies_anywhere_leaves_one_name_that_finds_it_and_the_other_free()
        => WithDeathAtEachRequestAsync(
            (store, project) => store.Projects.SaveAsync(project, 0, [], Cancellation),
            (store, project) => store.Projects.SaveAsync(project with { Name = "renamed" }, 1, [Some.Event(project.Id, "RENAMED")], Cancellation),
            async (store, project) =>
            {
                var isRenamed = (await store.Projects.FindAsync(project.Id, Cancellation))!.Document.Name == "renamed";
                Assert.Equal(isRenamed ? ["RENAMED"] : [], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
                var (has, free) = isRenamed ? ("renamed", "orders") : ("orders", "renamed");
                Assert.Equal(project.Id, (await store.Projects.FindAsync(_organisation, has, Cancellation))!.Document.Id);
                Assert.Null(await store.Projects.FindAsync(_organisation, free, Cancellation));
                Assert.False((await store.Projects.SaveAsync(Some.Project(has) with { OrgId = _organisation }, 0, [], Cancellation)).Saved);
                Assert.True((await store.Projects.SaveAsync(Some.Project(free) with { OrgId = _organisation }, 0, [], Cancellation)).Saved);
                return isRenamed;
            });

    [Fact]
    public Task A_cluster_whose_creation_dies_anywhere_is_waited_for_exactly_when_it_is_there()
        => WithDeathAtEachRequestAsync(
            (_, _) => Task.CompletedTask,
            (store, project) => store.Clusters.SaveAsync(Some.Cluster(project.Id), 0, [Some.Event(project.Id)], Cancellation),
            async (store, project) =>
            {
                var there = await store.Clusters.ListAsync(project.Id, Cancellation);
                Assert.Equal(there.Select(c => c.Document.Ref), await store.Unfinished.ListAsync(10, Cancellation));
                Assert.Equal(there.Count, (await store.Outbox.PendingAsync(10, Cancellation)).Count);
                return there.Count > 0;
            });

    [Fact]
    public Task A_key_whose_save_dies_anywhere_is_told_of_exactly_when_it_is_there_and_listed_where_it_has_roles()
        => WithDeathAtEachRequestAsync(
            (store, project) => store.ApiKeys.SaveAsync(Key(project.Id), 0, [], Cancellation),
            (store, project) => store.ApiKeys.SaveAsync(Key(project.Id, Other) with { Description = "changed" }, 1, [Some.Event(project.Id, "CHANGED")], Cancellation),
            async (store, project) =>
            {
                var isChanged = (await store.ApiKeys.FindAsync("public", Cancellation))!.Document.Description == "changed";
                Assert.Equal(isChanged ? ["CHANGED"] : [], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
                Assert.Equal(new ChainCheck(isChanged ? 1 : 0, null), await store.AuditTrail.VerifyAsync(project.Id, Cancellation));
                Assert.Single(await store.ApiKeys.ListAsync(project.Id, Cancellation));
                Assert.Equal(isChanged ? 1 : 0, (await store.ApiKeys.ListAsync(Other, Cancellation)).Count);
                return isChanged;
            });

    [Fact]
    public Task An_event_is_told_whenever_a_drain_that_finds_nothing_comes_between()
        => WithOtherAtEachRequestAsync(
            // The row of the outbox is there and nothing behind it: what a drain takes away.
            async (store, project) =>
            {
                await store.Alerts.SaveAsync(Some.Alert(project.Id, subject: "earlier"), 0, [Some.Event(project.Id, "EARLIER")], Cancellation);
                await store.Outbox.MarkAnnouncedAsync(await store.Outbox.PendingAsync(10, Cancellation), Cancellation);
            },
            (store, project) => store.Alerts.SaveAsync(Some.Alert(project.Id), 0, [Some.Event(project.Id, "LATER")], Cancellation),
            (store, _) => store.Outbox.PendingAsync(10, Cancellation),
            async (store, _) => Assert.Equal(["LATER"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type)));

    [Fact]
    public Task A_cluster_with_work_left_is_listed_whenever_a_look_at_the_list_comes_between()
        => WithOtherAtEachRequestAsync(
            async (store, project) =>
            {
                await store.Clusters.SaveAsync(Cluster(project), 0, [], Cancellation);
                await store.Clusters.SaveAsync(Cluster(project) with { State = ClusterState.Idle, AchievedGeneration = 1 }, 1, [], Cancellation);
            },
            async (store, project) => Assert.True((await store.Clusters.SaveAsync(Cluster(project) with { State = ClusterState.Updating }, 2, [], Cancellation)).Saved),
            (store, _) => store.Unfinished.ListAsync(10, Cancellation),
            async (store, project) => Assert.Equal([Cluster(project).Ref], await store.Unfinished.ListAsync(10, Cancellation)));

    [Fact]
    public Task Of_two_creations_of_one_name_one_is_told_that_it_is_taken_whenever_they_meet()
        => WithOtherAtEachRequestAsync(
            (_, _) => Task.CompletedTask,
            (store, project) => store.Projects.SaveAsync(project, 0, [], Cancellation),
            (store, project) => store.Projects.SaveAsync(Some.Project() with { OrgId = project.OrgId }, 0, [], Cancellation),
            async (store, project) =>
            {
                var named = (await store.Projects.PageAsync(null, 100, Cancellation)).Items.Where(p => p.OrgId == project.OrgId).ToList();
                Assert.Equal(Assert.Single(named).Id, (await store.Projects.FindAsync(project.OrgId, "orders", Cancellation))!.Document.Id);
            });

    [Fact]
    public Task A_project_goes_back_to_its_old_name_whenever_its_release_comes_between()
        => WithOtherAtEachRequestAsync(
            (store, project) => store.Projects.SaveAsync(project, 0, [], Cancellation),
            (store, project) => store.Projects.SaveAsync(project with { Name = "away" }, 1, [], Cancellation),
            async (store, project) =>
            {
                if (await store.Projects.FindAsync(project.Id, Cancellation) is { Document.Name: "away" } away)
                    Assert.True((await store.Projects.SaveAsync(project, away.Version, [], Cancellation)).Saved);
            },
            async (store, project) =>
            {
                var name = (await store.Projects.FindAsync(project.Id, Cancellation))!.Document.Name;
                Assert.Equal(project.Id, (await store.Projects.FindAsync(project.OrgId, name, Cancellation))!.Document.Id);
                Assert.False((await store.Projects.SaveAsync(Some.Project(name) with { OrgId = project.OrgId }, 0, [], Cancellation)).Saved);
            });

    [Fact]
    public async Task Savers_of_two_processes_form_one_chain_and_the_outbox_has_it_in_order()
    {
        var project = Some.Id<ProjectId>();
        var one = Store(new());
        var other = one.Another();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : other).Alerts.SaveAsync(
            Some.Alert(project, subject: $"{i}"), 0, [Some.Event(project, "X"), Some.Event(project, "Y")], Cancellation)));

        Assert.Equal(new ChainCheck(80, null), await one.AuditTrail.VerifyAsync(project, Cancellation));
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (long)i), (await one.Outbox.PendingAsync(1000, Cancellation)).Select(e => e.Sequence));
    }

    private static readonly ProjectId Other = Some.Id<ProjectId>();

    private static ApiKey Key(params ProjectId[] projects)
        => new("public", new string('1', 32), OrgId.FromValid(new string('a', 24)), projects.ToImmutableDictionary(p => p, _ => ImmutableArray.Create("GROUP_OWNER")), []);

    // The same cluster each time it is asked for.
    private static Cluster Cluster(Project project) => Some.Cluster(project.Id) with { Id = ClusterId.FromValid(project.Id.Value) };

    /// <param name="check">Asked of another process; tells whether the operation was carried out.</param>
    private async Task WithDeathAtEachRequestAsync(Func<AzureUnderTest, Project, Task> before, Func<AzureUnderTest, Project, Task> operation, Func<AzureUnderTest, Project, Task<bool>> check)
    {
        var ends = new List<bool>();
        for (var died = true; died;)
        {
            var requests = new Interposed();
            var store = Store(requests);
            var project = Some.Project() with { OrgId = _organisation };
            await before(store, project);
            requests.Before(ends.Count, () => throw new StoreUnderTest.Crash(default));
            try
            {
                await operation(store, project);
                died = false;
            }
            catch (StoreUnderTest.Crash)
            {
                // The process is gone.
            }
            requests.Before(int.MaxValue, () => Task.CompletedTask);
            ends.Add(await check(store.Another(), project));
        }
        // Not there up to the transaction, there from then on: and both were seen.
        Assert.Equal(ends.Order(), ends);
        Assert.Equal([false, true], ends.Distinct());
        Assert.InRange(ends.Count, 5, 50);
    }

    /// <summary>Both ways: the other operation before each request of the first, and the first before each request of the other.</summary>
    private async Task WithOtherAtEachRequestAsync(
        Func<AzureUnderTest, Project, Task> before, Func<AzureUnderTest, Project, Task> first, Func<AzureUnderTest, Project, Task> other, Func<AzureUnderTest, Project, Task> check)
    {
        foreach (var (outer, inner) in new[] { (first, other), (other, first) })
        {
            var hasMet = true;
            for (var request = 0; hasMet; request++)
            {
                var requests = new Interposed();
                var store = Store(requests);
                var another = Store(new(), store);
                var project = Some.Project() with { OrgId = Some.Id<OrgId>() };
                await before(store, project);
                hasMet = false;
                requests.Before(request, async () =>
                {
                    hasMet = true;
                    await inner(another, project);
                });
                await outer(store, project);
                if (!hasMet)
                    await inner(another, project);
                await check(another, project);
                Assert.InRange(request, 0, 50);
            }
        }
    }

    private async Task<bool> IsWholeAsync(AzureUnderTest store, Project project, string told)
    {
        var isThere = await store.Projects.FindAsync(project.Id, Cancellation) is not null;
        Assert.Equal(isThere, await store.Projects.FindAsync(_organisation, project.Name, Cancellation) is not null);
        Assert.Equal(isThere ? [project.Id] : [], (await store.Projects.PageAsync(null, 10, Cancellation)).Items.Select(p => p.Id));
        Assert.Equal(isThere ? [told] : [], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
        Assert.Equal(new ChainCheck(isThere ? 1 : 0, null), await store.AuditTrail.VerifyAsync(project.Id, Cancellation));
        return isThere;
    }

    private AzureUnderTest Store(Interposed requests, AzureUnderTest? on = null)
    {
        var store = on is null ? new AzureUnderTest(requests.Into) : on.Another(requests.Into);
        _stores.Add(store);
        return store;
    }
}
