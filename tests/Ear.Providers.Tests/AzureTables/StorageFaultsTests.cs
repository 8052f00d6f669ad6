using System.Collections.Immutable;
using System.Net;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Tests.Stores;
using Ear.Tests.Fakes;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>What the network and the account can do to a save, and what its caller is told.</summary>
public sealed class StorageFaultsTests : IDisposable
{
    private readonly FaultyTransport _network = new();
    private readonly AzureUnderTest _store;
    private readonly Project _project = Some.Project();

    public StorageFaultsTests() => _store = new(options => options.Transport = _network);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_save_whose_answer_was_lost_is_known_as_our_own(bool withEvents)
    {
        LoseAnswers(1);
        Assert.Equal(SaveResult.As(1), await _store.Projects.SaveAsync(_project, 0, Told("CREATED"), Cancellation));
        LoseAnswers(1);
        Assert.Equal(SaveResult.As(2), await _store.Projects.SaveAsync(_project with { Name = "renamed" }, 1, Told("RENAMED"), Cancellation));
        LoseAnswers(1);
        Assert.Equal(SaveResult.As(2), await _store.Projects.DeleteAsync(_project with { Name = "renamed" }, 2, Told("DELETED"), Cancellation));

        Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
        Assert.Equal(withEvents ? ["CREATED", "RENAMED", "DELETED"] : [], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));

        ProjectEvent[] Told(string type) => withEvents ? [Some.Event(_project.Id, type)] : [];
    }

    [Fact]
    public async Task It_is_known_even_when_somebody_saved_over_it_before_we_looked()
    {
        await _store.Projects.SaveAsync(_project, 0, [], Cancellation);
        var other = _store.Another();
        LoseAnswers(1, () => other.Projects.SaveAsync(_project with { Name = "later" }, 2, [Some.Event(_project.Id, "LATER")], Cancellation));

        Assert.Equal(SaveResult.As(2), await _store.Projects.SaveAsync(_project with { Name = "ours" }, 1, [Some.Event(_project.Id, "OURS")], Cancellation));

        Assert.Equal(("later", 3), await _store.Projects.FindAsync(_project.Id, Cancellation) is { } now ? (now.Document.Name, now.Version) : default);
        Assert.Equal(["OURS", "LATER"], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
    }

    [Fact]
    public async Task A_save_that_somebody_else_makes_between_our_look_and_our_transaction_is_a_conflict()
    {
        await _store.Projects.SaveAsync(_project, 0, [], Cancellation);
        var other = _store.Another();
        var sent = 0;
        _store.Fault = at =>
        {
            if (at == SavePoint.BeforeEvents && sent++ == 0)
                other.Projects.SaveAsync(_project with { Name = "theirs" }, 1, [], Cancellation).GetAwaiter().GetResult();
        };

        Assert.Equal(SaveResult.Conflict, await _store.Projects.SaveAsync(_project with { Name = "ours" }, 1, [Some.Event(_project.Id)], Cancellation));
        Assert.Equal("theirs", (await _store.Projects.FindAsync(_project.Id, Cancellation))!.Document.Name);
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_busy_account_is_given_the_time_it_asks_for()
    {
        var busy = 1;
        _network.Decide = (_, path) => IsTransaction(path) && busy-- > 0 ? new FaultyTransport.Fault.Answer(503, ServerBusy, RetryAfter: 1) : null;

        Assert.True((await _store.Projects.SaveAsync(_project, 0, [Some.Event(_project.Id)], Cancellation)).Saved);

        Assert.Equal(2, _network.Transactions.Count);
        // A lower bound: without Retry-After the repeat would come after a millisecond.
        Assert.InRange(TimeProvider.System.GetElapsedTime(_network.Transactions[0], _network.Transactions[1]), TimeSpan.FromMilliseconds(950), TimeSpan.MaxValue);
    }

    [Theory]
    [InlineData(503, "ServerBusy")]
    [InlineData(500, "OperationTimedOut")]
    [InlineData(500, "InternalError")]
    public async Task A_fault_inside_the_answer_to_a_transaction_is_repeated_too(int status, string code)
    {
        var busy = 2;
        _network.Decide = (_, path) => IsTransaction(path) && busy-- > 0 ? FaultyTransport.Inside(status, code) : null;

        Assert.True((await _store.Projects.SaveAsync(_project, 0, [Some.Event(_project.Id)], Cancellation)).Saved);

        Assert.Equal(3, _network.Transactions.Count);
        Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task An_account_that_stays_busy_is_told_in_words_after_a_bounded_number_of_repeats()
    {
        _network.Decide = (_, path) => IsTransaction(path) ? new FaultyTransport.Fault.Answer(503, ServerBusy) : null;

        var e = await Assert.ThrowsAsync<StoreException>(() => _store.Projects.SaveAsync(_project, 0, [], Cancellation));

        Assert.Contains("overloaded", e.Message, StringComparison.Ordinal);
        Assert.Equal(1 + _store.Options.MaxRetries, _network.Transactions.Count);
        _network.Decide = (_, _) => null;
        Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
        Assert.True((await _store.Projects.SaveAsync(_project, 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task No_answer_at_all_is_told_in_words_for_reads_and_saves()
    {
        _network.Decide = (_, _) => new FaultyTransport.Fault.Unsent();

        foreach (var call in (Func<Task>[])[
            () => _store.Projects.FindAsync(_project.Id, Cancellation), () => _store.Projects.SaveAsync(_project, 0, [], Cancellation), () => _store.Clusters.ListAsync(_project.Id, Cancellation),
            () => _store.Outbox.PendingAsync(10, Cancellation), () => _store.Events.ListAsync(_project.Id, EventFilter.All, 0, 10, Cancellation)])
        {
            Assert.Contains("no answer", (await Assert.ThrowsAsync<StoreException>(call)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch", "Storage Table Data Contributor")]
    [InlineData(HttpStatusCode.NotFound, "TableNotFound", "is gone")]
    [InlineData(HttpStatusCode.Conflict, "TableBeingDeleted", "being deleted")]
    public async Task A_refusal_says_what_to_do(HttpStatusCode status, string code, string words)
    {
        _network.Decide = (method, path) => method == "GET" || IsTransaction(path)
            ? new FaultyTransport.Fault.Answer((int)status, ErrorOf(code))
            : null;

        Assert.Contains(words, (await Assert.ThrowsAsync<StoreException>(() => _store.Projects.FindAsync(_project.Id, Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains(words, (await Assert.ThrowsAsync<StoreException>(() => _store.Nodes.SaveAsync(Some.Node(Some.Cluster(_project.Id), 0), 0, [], Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_for_a_document_whose_table_is_gone_is_told_of_an_outage_and_not_that_there_is_no_such_document()
    {
        Assert.Null(await _store.Credentials.FindApiKeyAsync("public", Cancellation));
        await new TableClient(_store.Options.ConnectionString, $"{_store.Options.Prefix}Documents").DeleteAsync(Cancellation);

        foreach (var call in (Func<Task>[])[
            () => _store.Credentials.FindApiKeyAsync("public", Cancellation), () => _store.Projects.FindAsync(_project.Id, Cancellation),
            () => _store.Projects.SaveAsync(_project, 0, [], Cancellation), () => _store.Clusters.ListAsync(_project.Id, Cancellation)])
        {
            Assert.Contains("is gone", (await Assert.ThrowsAsync<StoreException>(call)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_credential_whose_answer_was_lost_is_known_as_saved_and_told_though_another_save_followed(bool isHandedOver)
    {
        var key = new ApiKey("public", new string('1', 32), _project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(_project.Id, ["GROUP_OWNER"]), []);
        await _store.ApiKeys.SaveAsync(key, 0, [], Cancellation);
        var other = _store.Another();
        // With events of its own the successor hands over ours before them; without, they still wait with the key.
        ProjectEvent[] later = isHandedOver ? [Some.Event(_project.Id, "LATER")] : [];
        LoseAnswers(1, () => other.ApiKeys.SaveAsync(key with { Description = "later" }, 2, later, Cancellation));

        Assert.Equal(SaveResult.As(2), await _store.ApiKeys.SaveAsync(key with { Description = "ours" }, 1, [Some.Event(_project.Id, "OURS")], Cancellation));

        Assert.Equal(("later", 3), await _store.ApiKeys.FindAsync("public", Cancellation) is { } now ? (now.Document.Description, now.Version) : default);
        Assert.Equal(["OURS", .. later.Select(e => e.Type)], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
    }

    [Fact]
    public async Task A_credential_that_somebody_else_saved_and_told_of_by_the_same_event_is_a_conflict()
    {
        var key = new ApiKey("public", new string('1', 32), _project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(_project.Id, ["GROUP_OWNER"]), []);
        var told = Some.Event(_project.Id, "TOLD");
        var other = _store.Another();
        var sent = 0;
        _store.Fault = at =>
        {
            if (at == SavePoint.BeforeEvents && sent++ == 0)
                other.ApiKeys.SaveAsync(key with { Description = "theirs" }, 0, [told], Cancellation).GetAwaiter().GetResult();
        };

        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.SaveAsync(key with { Description = "ours" }, 0, [told], Cancellation));
        Assert.Equal("theirs", (await _store.ApiKeys.FindAsync("public", Cancellation))!.Document.Description);
    }

    private static readonly string ServerBusy = ErrorOf("ServerBusy");

    private static string ErrorOf(string code) => $$"""{"odata.error":{"code":"{{code}}","message":{"lang":"en-US","value":"As the service says it."} } }""";

    private static bool IsTransaction(string path) => path.EndsWith("$batch", StringComparison.Ordinal);

    private void LoseAnswers(int count, Func<Task>? meanwhile = null)
        => _network.Decide = (_, path) => IsTransaction(path) && count-- > 0 ? new FaultyTransport.Fault.AnswerLost(meanwhile ?? (() => Task.CompletedTask)) : null;
}
