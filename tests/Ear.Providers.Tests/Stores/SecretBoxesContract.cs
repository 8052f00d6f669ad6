using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.AzureTables;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Stores;

public sealed class SecretBoxesInSqlite : SecretBoxesContract
{
    private readonly TestFolder _folder = new();
    private readonly StoreFile _file;

    public SecretBoxesInSqlite() => _file = new(new SqliteStoreOptions { Path = _folder["ear.db"] }, NullLogger.Instance, fault: null);

    private protected override ISecretBoxes Boxes => new SqliteSecretBoxes(_file);

    public override void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }
}

public sealed class SecretBoxesInAzure : SecretBoxesContract
{
    private readonly AzureUnderTest _store = new();

    private protected override ISecretBoxes Boxes => new TableSecretBoxes(_store.Store);

    public override void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_box_larger_than_a_row_holds_is_refused_by_name_and_nothing_is_kept_of_it()
    {
        var large = new byte[(64 * 1024) + 1];

        Assert.Contains("'a'", (await Assert.ThrowsAsync<StoreException>(() => Boxes.PutAsync("a", large, Cancellation))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => Boxes.GetOrAddAsync("a", large, Cancellation));
        Assert.Null(await Boxes.FindAsync("a", Cancellation));
        await Boxes.PutAsync("a", [1], Cancellation);
        await Assert.ThrowsAsync<StoreException>(async () => await Boxes.ReplaceAsync("a", (await Boxes.FindAsync("a", Cancellation))!, large, Cancellation));
        Assert.Equal([1], (await Boxes.FindAsync("a", Cancellation))!.Ciphertext);
    }
}

public abstract class SecretBoxesContract : IDisposable
{
    private protected abstract ISecretBoxes Boxes { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public abstract void Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Every_box_is_listed_once_with_its_name_from_pages_of_any_size(int size)
    {
        string[] names = ["a", "a/b", "a-b", "A", "projects/6b06132b576d9176bd1beef9/azure.v1", new string('/', 200), $"{ISecretBoxes.DataKeys}current", $"{ISecretBoxes.DataKeys}{Some.Id<ProjectId>()}"];
        foreach (var name in names)
            await Boxes.PutAsync(name, [(byte)name.Length, 7], Cancellation);

        var listed = new List<NamedBox>();
        IReadOnlyList<NamedBox> page = [];
        do
        {
            page = await Boxes.ListAsync(page.Count == 0 ? null : page[^1].Place, size, Cancellation);
            Assert.True(page.Count <= size);
            listed.AddRange(page);
        }
        while (page.Count > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Select(b => b.Name!).Order(StringComparer.Ordinal));
        Assert.All(listed, b => Assert.Equal([(byte)b.Name!.Length, 7], b.Box.Ciphertext));
    }

    [Fact]
    public async Task Of_many_that_add_one_box_stands_and_all_get_it()
    {
        var boxes = Boxes;
        var there = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => boxes.GetOrAddAsync("a", [(byte)i], Cancellation)));

        Assert.All(there, b => Assert.Equal(there[0], b));
        Assert.Equal(there[0], (await boxes.FindAsync("a", Cancellation))!.Ciphertext);
        Assert.Equal(there[0], await boxes.GetOrAddAsync("a", [99], Cancellation));
    }

    [Fact]
    public async Task The_largest_box_that_every_store_takes_comes_back_whole()
    {
        var box = new byte[64 * 1024];
        Random.Shared.NextBytes(box);

        await Boxes.PutAsync("put", box, Cancellation);
        Assert.Equal(box, await Boxes.GetOrAddAsync("added", box, Cancellation));

        Assert.Equal(box, (await Boxes.FindAsync("put", Cancellation))!.Ciphertext);
        Assert.Equal(box, (await Boxes.FindAsync("added", Cancellation))!.Ciphertext);
    }

    [Fact]
    public async Task A_listed_box_can_be_replaced_until_another_lies_there()
    {
        await Boxes.PutAsync("a", [1], Cancellation);
        var listed = Assert.Single(await Boxes.ListAsync(null, 10, Cancellation));

        Assert.True(await Boxes.ReplaceAsync("a", listed.Box, [2], Cancellation));
        Assert.False(await Boxes.ReplaceAsync("a", listed.Box, [3], Cancellation));
        Assert.Equal([2], (await Boxes.FindAsync("a", Cancellation))!.Ciphertext);
        await Boxes.DeleteAsync("a", Cancellation);
        Assert.Empty(await Boxes.ListAsync(null, 10, Cancellation));
    }
}
