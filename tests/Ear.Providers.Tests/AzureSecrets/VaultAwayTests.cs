using Ear.Providers.AzureSecrets;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>Ear's own vault is away, in every way that it can be, while a new data key is due.</summary>
public sealed class VaultAwayTests
{
    private static readonly TimeSpan Rotation = new KeyVaultSecretsOptions().RotateDataKeyEvery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vault_that_is_cut_off_stops_neither_reads_nor_writes_and_is_asked_once_in_a_while()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var first = await world.DataKeyOfAsync("a");
        world.Road.IsCut = true;
        world.Time.Advance(Rotation);

        Assert.Equal([1], (await world.Secrets.FindAsync("a", Cancellation))!);
        var tried = world.Road.Tried;
        for (var i = 0; i < 20; i++)
            Assert.Equal([1], (await world.Secrets.FindAsync("a", Cancellation))!);
        await world.Secrets.PutAsync("b", [2], Cancellation);

        Assert.Equal((first, first), (await world.DataKeyOfAsync("a"), await world.DataKeyOfAsync("b")));
        Assert.Equal(tried, world.Road.Tried);
        Assert.Single(world.Logged, l => l.StartsWith("A new data key is due and cannot be made", StringComparison.Ordinal));

        world.Road.Clear();
        world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], (await world.Secrets.FindAsync("a", Cancellation))!);
        Assert.NotEqual(first, await world.DataKeyOfAsync("a"));
    }

    [Fact]
    public async Task A_vault_that_never_answers_keeps_no_read_waiting()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        world.Time.Advance(Rotation);
        world.Road.Block();

        var reads = Enumerable.Range(0, 10).Select(_ => world.Secrets.FindAsync("a", Cancellation)).ToList();
        // Once somebody is on the way, the patience of all has begun.
        while (world.Road.Tried == 0)
            await Task.Yield();
        world.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(30), Cancellation), v => Assert.Equal([1], v!));
        Assert.Equal([1], (await world.Secrets.FindAsync("a", Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation))!);
        world.Road.Clear();
    }

    [Fact]
    public async Task A_store_that_does_not_tell_the_newest_data_key_fails_no_read()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var boxes = new FaultyBoxes(world.Boxes) { BeforeFind = name => name.EndsWith("current", StringComparison.Ordinal) ? throw new IOException("The connection was reset.") : Task.CompletedTask };

        var process = world.Start(_ => { }, boxes);

        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        await Assert.ThrowsAnyAsync<IOException>(() => process.PutAsync("a", [2], Cancellation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_suspected_data_key_is_no_way_out(bool cut)
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var leaked = await world.DataKeyOfAsync("a");
        var process = world.Start(world.Boxes, world.Time.GetUtcNow().AddMinutes(59));
        // Opened by this process, and looked at: the moment is in the future.
        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        await process.PutAsync("b", [2], Cancellation);
        Assert.Equal(leaked, await world.DataKeyOfAsync("b"));
        if (cut)
            world.Road.IsCut = true;
        else
            world.Enable(false);
        // Within the hour for which a look is good otherwise.
        world.Time.Advance(TimeSpan.FromMinutes(59));

        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        await Assert.ThrowsAsync<StoreException>(() => process.PutAsync("c", [3], Cancellation));
        await Assert.ThrowsAsync<StoreException>(() => process.ResealAsync(null, 100, Cancellation));
        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        Assert.Null(await world.Boxes.FindAsync("c", Cancellation));

        world.Road.Clear();
        world.Enable(true);
        Assert.Equal(2, (await process.ResealAsync(null, 100, Cancellation)).Resealed);
        Assert.NotEqual(leaked, await world.DataKeyOfAsync("a"));
    }

    [Fact]
    public async Task An_identity_of_ears_own_without_a_token_is_told_in_one_form_and_never_as_entras_answer()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var process = world.Start(_ => { }, clientSecret: "another-secret");

        var e = await Assert.ThrowsAsync<StoreException>(() => process.FindAsync("a", Cancellation));

        Assert.Contains("its identity gets no token, 401 invalid_client", e.Message, StringComparison.Ordinal);
        Assert.IsType<VaultAwayException>(e.InnerException);
        Assert.Null(e.InnerException.InnerException);
        Assert.DoesNotContain("another-secret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_outlives_its_process_seals_and_opens_nothing()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var process = world.Start();
        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        process.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => process.PutAsync("a", [2], Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => process.FindAsync("a", Cancellation));
        Assert.Equal([1], (await world.Secrets.FindAsync("a", Cancellation))!);
    }
}
