using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class ProjectsInMemory() : ProjectsContract(new InMemoryUnderTest());

public sealed class ProjectsInSqlite() : ProjectsContract(new SqliteUnderTest());

public sealed class ProjectsInAzure() : ProjectsContract(new AzureUnderTest());

public abstract class ProjectsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly Project _project = Some.Project();

    private protected ProjectsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_saved_is_found_as_it_was()
    {
        var saved = await _store.Projects.SaveAsync(_project, 0, [], Cancellation);

        var found = await _store.Projects.FindAsync(_project.Id, Cancellation);

        Assert.True(saved.Saved);
        Assert.Equal(saved.Version, found!.Version);
        Assert.Equal(Some.Json(_project), Some.Json(found.Document));
    }

    [Fact]
    public async Task A_project_that_nobody_saved_is_not_found()
        => Assert.Null(await _store.Projects.FindAsync(Some.Id<ProjectId>(), Cancellation));

    [Fact]
    public async Task A_second_creation_conflicts_and_changes_nothing()
    {
        await _store.Projects.SaveAsync(_project, 0, [], Cancellation);

        var second = await _store.Projects.SaveAsync(_project with { Name = "other" }, 0, [Some.Event(_project.Id)], Cancellation);

        Assert.Equal(SaveResult.Conflict, second);
        Assert.Equal("orders", (await _store.Projects.FindAsync(_project.Id, Cancellation))!.Document.Name);
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_save_of_an_old_version_conflicts_and_announces_nothing()
    {
        var first = await _store.Projects.SaveAsync(_project, 0, [], Cancellation);
        var second = await _store.Projects.SaveAsync(_project with { Name = "second" }, first.Version, [], Cancellation);

        var late = await _store.Projects.SaveAsync(_project with { Name = "late" }, first.Version, [Some.Event(_project.Id)], Cancellation);

        Assert.True(second.Saved);
        Assert.False(late.Saved);
        var now = await _store.Projects.FindAsync(_project.Id, Cancellation);
        Assert.Equal(("second", second.Version), (now!.Document.Name, now.Version));
        Assert.Equal(0, (await _store.Events.ListAsync(_project.Id, Alerts.EventFilter.All, 0, 10, Cancellation)).Total);
    }

    [Fact]
    public async Task A_save_of_a_project_that_does_not_exist_conflicts()
        => Assert.False((await _store.Projects.SaveAsync(_project, 3, [], Cancellation)).Saved);

    [Fact]
    public async Task Of_many_savers_of_one_version_exactly_one_wins()
    {
        var version = (await _store.Projects.SaveAsync(_project, 0, [], Cancellation)).Version;
        for (var round = 0; round < 20; round++)
        {
            var loaded = version;
            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
                () => _store.Projects.SaveAsync(_project with { Name = $"{round}-{i}" }, loaded, [Some.Event(_project.Id, $"SAVER_{round}_{i}")], Cancellation), Cancellation)));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => results[i].Saved);
            version = results[winner].Version;
            var now = await _store.Projects.FindAsync(_project.Id, Cancellation);
            Assert.Equal(($"{round}-{winner}", version), (now!.Document.Name, now.Version));
            var (events, total) = await _store.Events.ListAsync(_project.Id, Alerts.EventFilter.All, 0, 1, Cancellation);
            Assert.Equal(($"SAVER_{round}_{winner}", round + 1), (events[0].Event.Type, total));
        }
    }

    [Fact]
    public async Task A_reader_never_sees_an_older_state_than_a_saver_was_told()
    {
        var version = (await _store.Projects.SaveAsync(_project, 0, [], Cancellation)).Version;
        var told = version;
        var done = false;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                var atLeast = Volatile.Read(ref told);
                Assert.InRange((await _store.Projects.FindAsync(_project.Id, Cancellation))!.Version, atLeast, long.MaxValue);
            }
        }, Cancellation)).ToList();

        for (var i = 0; i < 200; i++)
        {
            version = (await _store.Projects.SaveAsync(_project with { Name = $"{i}" }, version, [], Cancellation)).Version;
            Volatile.Write(ref told, version);
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Pages_hold_every_project_once_in_a_stable_order()
    {
        var saved = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            var project = Some.Project($"p{i}");
            await _store.Projects.SaveAsync(project, 0, [], Cancellation);
            saved.Add(project.Id.Value);
        }

        Assert.Equal(saved.Order(StringComparer.Ordinal), await WalkAsync(pageSize: 10));
        Assert.Equal(saved.Order(StringComparer.Ordinal), await WalkAsync(pageSize: 5));
        Assert.Equal(saved.Order(StringComparer.Ordinal), await WalkAsync(pageSize: 1000));
    }

    [Fact]
    public async Task A_walk_while_others_save_still_holds_every_earlier_project_once()
    {
        var before = Enumerable.Range(0, 30).Select(i => Some.Project($"p{i}")).ToList();
        foreach (var project in before)
            await _store.Projects.SaveAsync(project, 0, [], Cancellation);
        var others = Task.Run(async () =>
        {
            foreach (var project in before)
            {
                await _store.Projects.SaveAsync(project with { Name = "changed" }, 1, [], Cancellation);
                await _store.Projects.SaveAsync(Some.Project("new"), 0, [], Cancellation);
            }
        }, Cancellation);

        var walked = await WalkAsync(pageSize: 3);
        await others;

        Assert.Equal(walked.Distinct(), walked);
        Assert.Empty(before.Select(p => p.Id.Value).Except(walked));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task The_next_page_begins_where_this_one_ends_without_reading_it(int pageSize)
    {
        for (var i = 0; i < 7; i++)
            await _store.Projects.SaveAsync(_project with { Id = ProjectId.FromValid($"{i:x24}") }, 0, [], Cancellation);
        string? continuation = null;
        do
        {
            var page = await _store.Projects.PageAsync(continuation, pageSize, Cancellation);
            Assert.Equal(page.Continuation, await _store.Projects.NextPageAsync(continuation, pageSize, Cancellation));
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    [Fact]
    public async Task A_listing_without_projects_is_one_empty_page()
    {
        var page = await _store.Projects.PageAsync(null, 10, Cancellation);

        Assert.Empty(page.Items);
        Assert.Null(page.Continuation);
    }

    [Theory]
    [InlineData("Größe ✓ 顧客 🔑 \u0000 \"quoted\" 'single' \\ \r\n")]
    [InlineData("'; DROP TABLE project; --")]
    public async Task Any_text_survives(string text)
    {
        await _store.Projects.SaveAsync(_project with { Name = text }, 0, [Some.Event(_project.Id) with { Actor = text }], Cancellation);

        Assert.Equal(text, (await _store.Projects.FindAsync(_project.Id, Cancellation))!.Document.Name);
        Assert.Equal(text, Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation)).Event.Actor);
        Assert.True((await _store.AuditTrail.VerifyAsync(_project.Id, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task A_large_document_survives()
    {
        var large = _project with { OwnerEmails = [.. Enumerable.Range(0, 100_000).Select(i => $"owner{i}@example.org")] };
        await _store.Projects.SaveAsync(large, 0, [], Cancellation);

        Assert.Equal(large.OwnerEmails, (await _store.Projects.FindAsync(_project.Id, Cancellation))!.Document.OwnerEmails);
    }

    [Fact]
    public async Task A_saver_that_gave_up_while_waiting_saved_nothing()
    {
        using var gaveUp = new CancellationTokenSource();
        await gaveUp.CancelAsync();
        try
        {
            await _store.Projects.SaveAsync(_project, 0, [], gaveUp.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
            return;
        }
        // A store that is done before it could look at the token has saved, and says so.
        Assert.NotNull(await _store.Projects.FindAsync(_project.Id, Cancellation));
    }

    private async Task<List<string>> WalkAsync(int pageSize)
    {
        var walked = new List<string>();
        string? continuation = null;
        do
        {
            var page = await _store.Projects.PageAsync(continuation, pageSize, Cancellation);
            Assert.InRange(page.Items.Count, 0, pageSize);
            walked.AddRange(page.Items.Select(p => p.Id.Value));
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return walked;
    }

    [Fact]
    public async Task A_name_is_one_projects_in_its_organisation()
    {
        var namesake = Some.Project() with { OrgId = _project.OrgId };
        await _store.Projects.SaveAsync(_project, 0, [], Cancellation);

        Assert.False((await _store.Projects.SaveAsync(namesake, 0, [Some.Event(namesake.Id)], Cancellation)).Saved);
        Assert.True((await _store.Projects.SaveAsync(Some.Project(), 0, [], Cancellation)).Saved);

        Assert.Null(await _store.Projects.FindAsync(namesake.Id, Cancellation));
        Assert.Equal(_project.Id, (await _store.Projects.FindAsync(_project.OrgId, "orders", Cancellation))!.Document.Id);
    }

    [Fact]
    public async Task A_project_is_not_renamed_to_the_name_of_another_and_gives_its_old_one_free()
    {
        var other = Some.Project("other") with { OrgId = _project.OrgId };
        await _store.Projects.SaveAsync(_project, 0, [], Cancellation);
        var version = (await _store.Projects.SaveAsync(other, 0, [], Cancellation)).Version;

        Assert.False((await _store.Projects.SaveAsync(other with { Name = "orders" }, version, [], Cancellation)).Saved);
        Assert.True((await _store.Projects.SaveAsync(other with { Name = "third" }, version, [], Cancellation)).Saved);

        Assert.Null(await _store.Projects.FindAsync(_project.OrgId, "other", Cancellation));
        Assert.True((await _store.Projects.SaveAsync(Some.Project("other") with { OrgId = _project.OrgId }, 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task A_deleted_project_is_gone_whoever_still_holds_it_and_its_events_stay()
    {
        var version = (await _store.Projects.SaveAsync(_project, 0, [], Cancellation)).Version;
        await _store.Projects.FindAsync(_project.Id, Cancellation);

        Assert.False((await _store.Projects.DeleteAsync(_project, version + 1, [Some.Event(_project.Id)], Cancellation)).Saved);
        Assert.True((await _store.Projects.DeleteAsync(_project, version, [Some.Event(_project.Id, "GROUP_DELETED")], Cancellation)).Saved);

        Assert.False((await _store.Projects.SaveAsync(_project with { Name = "back" }, version, [], Cancellation)).Saved);
        Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
        Assert.Null(await _store.Projects.FindAsync(_project.OrgId, "orders", Cancellation));
        Assert.Equal("GROUP_DELETED", Assert.Single((await _store.Events.ListAsync(_project.Id, Alerts.EventFilter.All, 0, 10, Cancellation)).Events).Event.Type);
        Assert.True((await _store.Projects.SaveAsync(Some.Project() with { OrgId = _project.OrgId }, 0, [], Cancellation)).Saved);
    }
}
