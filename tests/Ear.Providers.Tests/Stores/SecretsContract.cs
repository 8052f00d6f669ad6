using Ear.Providers.Tests.AzureSecrets;
using Ear.Secrets;

namespace Ear.Providers.Tests.Stores;

public sealed class SecretsInMemory() : SecretsContract(new InMemoryUnderTest());

public sealed class SecretsUnderFileKey() : SecretsContract(new SqliteUnderTest());

public sealed class SecretsUnderKeyVault() : SecretsContract(new InMemoryUnderTest()), IAsyncLifetime
{
    private SecretsWorld _world = null!;

    private protected override ISecrets Secrets => _world.Secrets;

    public async ValueTask InitializeAsync() => _world = await SecretsWorld.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _world.DisposeAsync();
    }
}

public abstract class SecretsContract : IDisposable
{
    private readonly StoreUnderTest _store;

    private protected SecretsContract(StoreUnderTest store) => _store = store;

    private protected virtual ISecrets Secrets => _store.Secrets;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_secret_is_found_as_it_was_put_until_it_is_deleted()
    {
        await Secrets.PutAsync("a", [1, 2, 3], Cancellation);
        await Secrets.PutAsync("b", [], Cancellation);
        await Secrets.PutAsync("a", [4, 5], Cancellation);

        Assert.Equal([4, 5], await Secrets.FindAsync("a", Cancellation));
        Assert.Empty((await Secrets.FindAsync("b", Cancellation))!);
        await Secrets.DeleteAsync("a", Cancellation);
        await Secrets.DeleteAsync("a", Cancellation);
        Assert.Null(await Secrets.FindAsync("a", Cancellation));
    }

    [Fact]
    public async Task Of_many_creators_one_creates_and_all_get_its_value()
    {
        var values = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            () => Secrets.GetOrCreateAsync("signing/token.v1", () => [(byte)i, 7], Cancellation), Cancellation)));

        Assert.All(values, v => Assert.Equal(values[0], v));
        Assert.Equal(values[0], await Secrets.FindAsync("signing/token.v1", Cancellation));
        Assert.Equal(values[0], await Secrets.GetOrCreateAsync("signing/token.v1", () => throw new InvalidOperationException("It exists."), Cancellation));
    }

    [Fact]
    public async Task A_caller_that_zeroes_its_copy_harms_nobody()
    {
        await Secrets.PutAsync("a", [1, 2, 3], Cancellation);

        Array.Clear((await Secrets.FindAsync("a", Cancellation))!);
        Array.Clear(await Secrets.GetOrCreateAsync("a", () => [9], Cancellation));

        Assert.Equal([1, 2, 3], await Secrets.FindAsync("a", Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("white space")]
    [InlineData("ümlaut")]
    public async Task A_name_of_other_characters_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Secrets.PutAsync(name, [1], Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Secrets.FindAsync(name, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Secrets.GetOrCreateAsync(name, () => [1], Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Secrets.DeleteAsync(name, Cancellation));
    }
}
