using Azure.Data.Tables;
using Ear.Providers.AzureTables;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>The number that says how the tables are laid out: who writes it, who raises it, and who is refused by it.</summary>
public sealed class LayoutTests
{
    private const int Old = Layout.Version;
    private const int New = Layout.Version + 1;

    private readonly TablesOnTheirOwn _tables = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_tables_get_the_number()
    {
        await StartAsync(Old);

        Assert.Equal(Old, await _tables.NumberAsync());
    }

    [Fact]
    public async Task Tables_from_before_the_number_are_of_the_first_and_are_raised_like_any()
    {
        await _tables.Store().PrepareAsync(Cancellation);
        await _tables.Documents.AddEntityAsync(new TableEntity("p", "project"), Cancellation);

        await StartAsync(New);

        Assert.Equal(New, await _tables.NumberAsync());
        await IsRefusedAsync(Old);
    }

    [Fact]
    public async Task A_newer_Ear_raises_it_and_then_the_older_one_is_refused()
    {
        await StartAsync(Old);
        await StartAsync(New);

        Assert.Equal(New, await _tables.NumberAsync());
        await IsRefusedAsync(Old);
        await StartAsync(New);
    }

    [Fact]
    public async Task Nothing_is_created_beside_tables_of_a_newer_Ear()
    {
        await _tables.Index.CreateAsync(Cancellation);
        await _tables.NumberAsync(New);
        var store = _tables.Store();

        await Assert.ThrowsAsync<StoreException>(() => store.PrepareAsync(Cancellation));

        Assert.False(await _tables.IsThereAsync(_tables.Documents));
        Assert.False((await store.Large.ExistsAsync(Cancellation)).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_an_old_and_a_new_Ear_that_start_on_new_tables_together_the_old_one_is_refused_whoever_writes_first(bool newIsFirst)
    {
        await _tables.Store().PrepareAsync(Cancellation);
        var (first, second) = newIsFirst ? (New, Old) : (Old, New);
        var requests = new Interposed();
        var store = _tables.Store(requests.Into);
        var hasMet = false;
        // Between the look of the first and its writing.
        requests.Before(1, () =>
        {
            hasMet = true;
            return Layout.SettleAsync(_tables.Store(), Cancellation, second);
        });

        if (newIsFirst)
            await Layout.SettleAsync(store, Cancellation, first);
        else
            await IsRefusedAsync(first, store);

        Assert.True(hasMet);
        Assert.Equal(New, await _tables.NumberAsync());
        await IsRefusedAsync(Old);
    }

    [Fact]
    public async Task A_number_that_cannot_be_read_is_refused_rather_than_guessed()
    {
        await StartAsync(Old);
        await _tables.Index.UpsertEntityAsync(new TableEntity("meta", "schema") { ["Number"] = "one" }, TableUpdateMode.Replace, Cancellation);
        var was = await _tables.EverythingAsync();

        var e = await Assert.ThrowsAsync<StoreException>(() => StartAsync(Old));

        Assert.Contains("does not say which schema", e.Message, StringComparison.Ordinal);
        Assert.Equal(was, await _tables.EverythingAsync());
    }

    private async Task StartAsync(int known)
    {
        var store = _tables.Store();
        await Layout.RefuseNewerAsync(store, Cancellation, known);
        // What follows in a start, for an Ear that knows no more than this one.
        if (known == Old)
            await store.PrepareAsync(Cancellation);
        await Layout.SettleAsync(store, Cancellation, known);
    }

    private async Task IsRefusedAsync(int known, TableStore? store = null)
    {
        var e = await Assert.ThrowsAsync<StoreException>(() => store is null ? Layout.RefuseNewerAsync(_tables.Store(), Cancellation, known) : Layout.SettleAsync(store, Cancellation, known));
        Assert.Contains($"written by a newer Ear; this one knows up to {known}", e.Message, StringComparison.Ordinal);
    }
}
