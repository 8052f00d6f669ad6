using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>What a row cannot hold: over several properties, then in a blob.</summary>
public sealed class LargeDocumentsTests : IDisposable
{
    private const int Property = 64 * 1024;
    private readonly Interposed _requests = new();
    private readonly AzureUnderTest _store;
    private readonly Project _project = Some.Project();

    public LargeDocumentsTests() => _store = new(_requests.Into);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(Property - 1, 0)]
    [InlineData(Property, 0)]
    [InlineData(Property + 1, 0)]
    [InlineData(Contents.InRow, 0)]
    [InlineData(Contents.InRow + 1, 1)]
    [InlineData(5 * 1024 * 1024, 1)]
    public async Task Bytes_of_any_length_come_back_as_they_were(int length, int blobs)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var contents = new Contents(_store.Store, new SystemIds(TimeProvider.System));
        var row = new TableEntity("p", "r");

        (await contents.PrepareAsync("p", "r", bytes, Cancellation)).PutInto(row);
        await _store.Store.MergeAsync(row, Cancellation);

        Assert.Equal(bytes, await contents.ReadAsync((await _store.Store.FindAsync("p", "r", Cancellation))!, Cancellation));
        Assert.Equal(blobs, (await BlobsAsync()).Count);
    }

    [Fact]
    public async Task The_largest_document_and_all_events_of_a_save_fit_one_transaction()
    {
        var project = Large(Contents.InRow - 2000);
        var events = Enumerable.Range(0, EventRows.MaxAtOnce).Select(i => Some.Event(project.Id, $"E{i}") with { Actor = new('x', EventRows.MaxBytesAtOnce / EventRows.MaxAtOnce - 1000) }).ToList();

        Assert.True((await _store.Projects.SaveAsync(project, 0, events, Cancellation)).Saved);

        Assert.Empty(await BlobsAsync());
        Assert.Equal(new ChainCheck(EventRows.MaxAtOnce, null), await _store.AuditTrail.VerifyAsync(project.Id, Cancellation));
    }

    [Fact]
    public async Task More_than_fits_one_transaction_is_refused_in_words_and_nothing_is_saved()
    {
        var many = Enumerable.Range(0, EventRows.MaxAtOnce + 1).Select(_ => Some.Event(_project.Id)).ToList();
        var large = Some.Event(_project.Id) with { Actor = new('x', 600_000) };

        Assert.Contains("Save in parts", (await Assert.ThrowsAsync<ArgumentException>(() => _store.Projects.SaveAsync(_project, 0, many, Cancellation))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Projects.SaveAsync(_project, 0, [large], Cancellation));
        Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
    }

    [Fact]
    public async Task A_blob_lives_as_long_as_its_document_names_it()
    {
        await _store.Projects.SaveAsync(Large(), 0, [], Cancellation);
        var first = Assert.Single(await BlobsAsync());
        await _store.Projects.SaveAsync(Large() with { Name = "second" }, 1, [], Cancellation);
        Assert.NotEqual(first, Assert.Single(await BlobsAsync()));

        Assert.False((await _store.Projects.SaveAsync(Large(), 1, [], Cancellation)).Saved);
        Assert.Single(await BlobsAsync());
        await _store.Projects.SaveAsync(_project, 2, [], Cancellation);
        Assert.Empty(await BlobsAsync());
        await _store.Projects.SaveAsync(Large(), 3, [], Cancellation);
        Assert.True((await _store.Projects.DeleteAsync(Large(), 4, [], Cancellation)).Saved);
        Assert.Empty(await BlobsAsync());
    }

    [Fact]
    public async Task A_save_that_dies_between_its_blob_and_its_row_changes_nothing_and_the_sweep_takes_the_blob()
    {
        await _store.Projects.SaveAsync(Large(), 0, [], Cancellation);
        _store.CrashAt(Ear.Tests.Fakes.SavePoint.BeforeCommit);
        await Assert.ThrowsAsync<StoreUnderTest.Crash>(() => _store.Projects.SaveAsync(Large(length: 700_000), 1, [], Cancellation));
        _store.Fault = null;
        Assert.Equal(2, (await BlobsAsync()).Count);
        using var sweep = new BlobSweep(_store.Store, TimeProvider.System, NullLogger<BlobSweep>.Instance);

        Assert.Equal(0, await sweep.RunAsync(TimeSpan.FromHours(24), Cancellation));
        Assert.Equal(1, await sweep.RunAsync(TimeSpan.Zero, Cancellation));

        Assert.Equal(Some.Json(Large()), Some.Json((await _store.Projects.FindAsync(_project.Id, Cancellation))!.Document));
        Assert.Equal(0, await sweep.RunAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task A_reader_whose_blob_is_replaced_between_row_and_blob_reads_the_new_one()
    {
        await _store.Projects.SaveAsync(Large(), 0, [], Cancellation);
        var other = _store.Another(_ => { });
        // Request 0 reads the row, request 1 its blob.
        _requests.Before(1, () => other.Projects.SaveAsync(Large(length: 700_000), 1, [], Cancellation));

        Assert.Equal(2, (await _store.Projects.FindAsync(_project.Id, Cancellation))!.Version);
    }

    [Fact]
    public async Task A_blob_that_was_changed_or_lost_is_told_and_never_taken_for_the_document()
    {
        await _store.Projects.SaveAsync(Large(), 0, [], Cancellation);
        var blob = _store.Store.Large.GetBlobClient(Assert.Single(await BlobsAsync()));

        await blob.UploadAsync(new BinaryData("{}"), overwrite: true, Cancellation);
        Assert.Contains("is not what was saved", (await Assert.ThrowsAsync<StoreException>(() => _store.Projects.FindAsync(_project.Id, Cancellation))).Message, StringComparison.Ordinal);
        await blob.DeleteAsync(cancellationToken: Cancellation);
        Assert.Contains("names a blob that is not there", (await Assert.ThrowsAsync<StoreException>(() => _store.Projects.FindAsync(_project.Id, Cancellation))).Message, StringComparison.Ordinal);
    }

    private Project Large(int length = 600_000) => _project with { OwnerEmails = [$"{new string('x', length)}@example.org"] };

    private Task<List<string>> BlobsAsync() => _store.Store.Large.GetBlobsAsync(cancellationToken: Cancellation).Select(b => b.Name).ToListAsync(Cancellation).AsTask();
}
