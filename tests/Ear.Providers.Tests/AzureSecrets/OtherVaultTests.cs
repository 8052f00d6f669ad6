using Ear.Providers.AzureSecrets;
using Ear.Providers.Secrets;
using Ear.Secrets;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>Ear's own key is another one than before (docs/operations/own-keys.md).</summary>
public sealed class OtherVaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_former_key_named_everything_opens_and_goes_under_the_new_one()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        await world.Secrets.PutAsync("b", [2], Cancellation);
        var process = world.Start(o =>
        {
            o.KeyIdentifier = world.OtherKeyIdentifier;
            o.FormerKeyIdentifier = world.KeyIdentifier;
        });

        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        Assert.Equal(new(1, 0), await process.RewrapAsync(Cancellation));
        Assert.Equal(1, (await process.ResealAsync(null, 100, Cancellation)).Resealed);

        // Neither the former key nor its name is needed any more.
        world.Enable(false);
        var later = world.Start(o => o.KeyIdentifier = world.OtherKeyIdentifier);
        Assert.Equal([1], (await later.FindAsync("a", Cancellation))!);
        Assert.Equal([2], (await later.FindAsync("b", Cancellation))!);
    }

    [Fact]
    public async Task With_the_former_key_lost_owners_can_send_their_credentials_again_at_once()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("lost", [1], Cancellation);
        await world.Secrets.PutAsync("sent-again", [2], Cancellation);
        var process = world.Start(o => o.KeyIdentifier = world.OtherKeyIdentifier);

        Assert.Contains("FormerKeyIdentifier", (await Assert.ThrowsAsync<StoreException>(() => process.FindAsync("lost", Cancellation))).Message, StringComparison.Ordinal);
        await process.PutAsync("sent-again", [3], Cancellation);

        Assert.Equal([3], (await process.FindAsync("sent-again", Cancellation))!);
        Assert.Equal(new(0, 1), await process.RewrapAsync(Cancellation));
        Assert.Equal(new SealedPage(0, 1, null), await process.ResealAsync(null, 100, Cancellation));
        Assert.Contains(world.Logged, l => l.StartsWith("The secret lost stays under its older data key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_only_the_store_names_is_not_asked()
    {
        await using var world = await SecretsWorld.StartAsync();
        var process = world.Start(o => o.KeyIdentifier = world.OtherKeyIdentifier);
        await process.PutAsync("a", [1], Cancellation);
        var tried = world.Road.Tried;

        await Assert.ThrowsAsync<StoreException>(() => world.Start().FindAsync("a", Cancellation));

        Assert.Equal(tried, world.Road.Tried);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("another wrapping")]
    public async Task A_damaged_data_key_is_told_of_and_keeps_nothing_else_from_going_on(string damage)
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("lost", [1], Cancellation);
        var damaged = await world.DataKeyOfAsync("lost");
        world.Time.Advance(new KeyVaultSecretsOptions().RotateDataKeyEvery);
        await world.Secrets.PutAsync("kept", [2], Cancellation);
        await DamageAsync(world, damaged, damage);
        world.RotateVaultKey();
        var process = world.Start();

        Assert.Equal(new(1, 1), await process.RewrapAsync(Cancellation));
        world.Time.Advance(new KeyVaultSecretsOptions().RotateDataKeyEvery);
        Assert.Equal(new SealedPage(1, 1, null), await process.ResealAsync(null, 100, Cancellation));

        Assert.Equal([2], (await process.FindAsync("kept", Cancellation))!);
        Assert.Contains(world.Logged, l => l.StartsWith($"The row {ISecretBoxes.DataKeys}{damaged} of a data key stays as it is", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_word_of_the_newest_data_key_is_written_anew()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        await DamageAsync(world, "current", "no JSON");
        var process = world.Start();

        await process.PutAsync("b", [2], Cancellation);

        Assert.Equal([1], (await process.FindAsync("a", Cancellation))!);
        Assert.Equal([2], (await world.Start().FindAsync("b", Cancellation))!);
    }

    [Fact]
    public async Task A_vault_that_is_away_ends_the_wrapping()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        world.Road.IsCut = true;

        await Assert.ThrowsAsync<StoreException>(() => world.Secrets.RewrapAsync(Cancellation));

        Assert.DoesNotContain(world.Logged, l => l.Contains("stays as it is", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("https://vault.vault.azure.net/keys/ear-data", true)]
    [InlineData("https://vault.vault.azure.net/keys/ear-data/0123456789abcdef0123456789abcdef", false)]
    [InlineData("ear-data", false)]
    public void What_is_no_key_is_no_former_one(string identifier, bool isOne)
        => Assert.Equal(isOne, new FormerKeyCheck().Validate(null, new() { FormerKeyIdentifier = identifier }).Succeeded);

    private static async Task DamageAsync(SecretsWorld world, string dataKey, string damage)
    {
        var name = $"{ISecretBoxes.DataKeys}{dataKey}";
        var row = (await world.Boxes.FindAsync(name, Cancellation))!.Ciphertext;
        if (damage == "another wrapping")
        {
            var key = System.Text.Json.JsonSerializer.Deserialize(row, DataKeyJson.Default.WrappedDataKey)!;
            key.Wrapped[^1] ^= 1;
            row = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(key, DataKeyJson.Default.WrappedDataKey);
        }
        else
            row = System.Text.Encoding.UTF8.GetBytes(damage);
        await world.Boxes.PutAsync(name, row, Cancellation);
    }
}
