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
}

public abstract class SecretBoxesContract : IDisposable
{
    private protected abstract ISecretBoxes Boxes { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
