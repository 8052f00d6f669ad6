using Ear.Providers.AzureSecrets;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.AzureSecrets;
using Ear.Providers.Tests.AzureTables;
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

/// <summary>As it is deployed: boxes in Azure's tables, under a key of a vault.</summary>
public sealed class SecretsUnderKeyVaultInAzure : SecretsContract, IAsyncLifetime
{
    private readonly FaultyTransport _network;
    private readonly AzureUnderTest _tables;
    private SecretsWorld _world = null!;

    public SecretsUnderKeyVaultInAzure()
        : this(new())
    {
    }

    private SecretsUnderKeyVaultInAzure(FaultyTransport network)
        : this(network, new AzureUnderTest(o => o.Transport = network))
    {
    }

    private SecretsUnderKeyVaultInAzure(FaultyTransport network, AzureUnderTest tables)
        : base(tables) => (_network, _tables) = (network, tables);

    private protected override ISecrets Secrets => _world.Secrets;

    public async ValueTask InitializeAsync() => _world = await SecretsWorld.StartAsync(new TableSecretBoxes(_tables.Store));

    public async ValueTask DisposeAsync()
    {
        Dispose();
        _network.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Makers_of_the_first_data_key_agree_on_one_also_when_their_answers_are_lost()
    {
        var toLose = 4;
        _network.Decide = (method, _) => method is not "GET" && Interlocked.Decrement(ref toLose) >= 0 ? new FaultyTransport.Fault.AnswerLost(() => Task.CompletedTask) : null;
        var processes = Enumerable.Range(0, 6).Select(_ => _world.Start()).ToList();

        await Task.WhenAll(processes.Select((p, i) => p.PutAsync($"secret-{i}", [(byte)i], Cancellation)));

        Assert.True(toLose < 0);
        Assert.Single((await Task.WhenAll(processes.Select((_, i) => _world.DataKeyOfAsync($"secret-{i}")))).Distinct());
        var other = _world.Start();
        for (var i = 0; i < processes.Count; i++)
            Assert.Equal([(byte)i], (await other.FindAsync($"secret-{i}", Cancellation))!);
    }

    [Fact]
    public async Task A_data_key_whose_answer_was_lost_at_its_turn_is_the_newest_for_everybody()
    {
        await Secrets.PutAsync("a", [1], Cancellation);
        var first = await _world.DataKeyOfAsync("a");
        _world.Time.Advance(new KeyVaultSecretsOptions().RotateDataKeyEvery);
        var toLose = 2;
        _network.Decide = (method, _) => method is not "GET" && Interlocked.Decrement(ref toLose) >= 0 ? new FaultyTransport.Fault.AnswerLost(() => Task.CompletedTask) : null;

        await Secrets.PutAsync("a", [2], Cancellation);
        await _world.Start().PutAsync("b", [3], Cancellation);

        Assert.NotEqual(first, await _world.DataKeyOfAsync("a"));
        Assert.Equal(await _world.DataKeyOfAsync("a"), await _world.DataKeyOfAsync("b"));
        Assert.Equal([2], (await _world.Start().FindAsync("a", Cancellation))!);
    }
}

public abstract class SecretsContract : IDisposable
{
    private readonly StoreUnderTest _store;

    private protected SecretsContract(StoreUnderTest store) => _store = store;

    private protected virtual ISecrets Secrets => _store.Secrets;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task Of_changes_at_once_none_is_lost_and_none_is_made_where_none_is_wished()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            () => Secrets.ChangeAsync("shared", there => there?.Contains((byte)i) is true ? null : [.. there ?? [], (byte)i], Cancellation), Cancellation)));

        Assert.Equal(new byte[] { 0, 1, 2, 3, 4, 5 }, (await Secrets.FindAsync("shared", Cancellation))!.Order().ToArray());
        await Secrets.ChangeAsync("shared", _ => null, Cancellation);
        await Secrets.ChangeAsync("nothing", _ => null, Cancellation);
        Assert.Equal(6, (await Secrets.FindAsync("shared", Cancellation))!.Length);
        Assert.Null(await Secrets.FindAsync("nothing", Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Secrets.ChangeAsync("white space", _ => [1], Cancellation));
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
