using System.Globalization;
using Ear.Providers.AzureSecrets;
using Ear.Providers.Secrets;

namespace Ear.Providers.Tests.AzureSecrets;

public sealed class VaultDataKeysTests
{
    private static readonly TimeSpan Rotation = new KeyVaultSecretsOptions().RotateDataKeyEvery;

    private static byte[] Password => "correct horse"u8.ToArray();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_process_reads_what_one_has_sealed_with_one_unwrapping_for_all()
    {
        await using var world = await SecretsWorld.StartAsync();
        for (var i = 0; i < 20; i++)
            await world.Secrets.PutAsync($"secret-{i}", [(byte)i], Cancellation);
        var before = world.Asked("UnwrapKey");
        var other = world.Start();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => Assert.Equal(new[] { (byte)i }, await other.FindAsync($"secret-{i}", Cancellation))));

        Assert.Equal(1, world.Asked("UnwrapKey") - before);
        Assert.Equal(1, world.Asked("WrapKey"));
    }

    [Fact]
    public async Task Without_the_vaults_key_a_new_process_opens_nothing_and_one_that_runs_goes_on()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", Password, Cancellation);
        world.Enable(false);
        var other = world.Start();

        var e = await Assert.ThrowsAsync<StoreException>(() => other.FindAsync("a", Cancellation));
        Assert.Contains("did not unwrap a data key: 403", e.Message, StringComparison.Ordinal);
        Assert.Contains("Key Vault Crypto Service Encryption User", e.Message, StringComparison.Ordinal);
        Assert.Equal(Password, await world.Secrets.FindAsync("a", Cancellation));

        world.Enable(true);
        Assert.Equal(Password, await other.FindAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_new_data_key_comes_with_its_time_and_what_is_read_moves_to_it()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("read", [1], Cancellation);
        await world.Secrets.PutAsync("unread", [2], Cancellation);
        var first = await world.DataKeyOfAsync("read");
        world.RotateVaultKey();
        world.Time.Advance(Rotation);

        Assert.Equal(new byte[] { 1 }, await world.Secrets.FindAsync("read", Cancellation));

        var second = await world.DataKeyOfAsync("read");
        Assert.NotEqual(first, second);
        Assert.Equal(first, await world.DataKeyOfAsync("unread"));
        // A process that has seen neither opens both: the older one by the older version of the vault's key.
        var other = world.Start();
        Assert.Equal(new byte[] { 1 }, await other.FindAsync("read", Cancellation));
        Assert.Equal(new byte[] { 2 }, await other.FindAsync("unread", Cancellation));
        Assert.Equal(second, await world.DataKeyOfAsync("unread"));
    }

    [Fact]
    public async Task A_vault_that_is_away_when_a_new_data_key_is_due_stops_nobody()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var first = await world.DataKeyOfAsync("a");
        world.Enable(false);
        world.Time.Advance(Rotation);

        await world.Secrets.PutAsync("a", [2], Cancellation);
        Assert.Equal(first, await world.DataKeyOfAsync("a"));
        Assert.Contains(world.Logged, l => l.Contains("A new data key is due and cannot be made", StringComparison.Ordinal));

        world.Enable(true);
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.Secrets.PutAsync("a", [3], Cancellation);
        Assert.NotEqual(first, await world.DataKeyOfAsync("a"));
    }

    [Fact]
    public async Task Processes_that_begin_at_once_agree_on_one_data_key()
    {
        await using var world = await SecretsWorld.StartAsync();
        var processes = Enumerable.Range(0, 6).Select(_ => world.Start()).ToList();

        await Task.WhenAll(processes.Select((p, i) => p.PutAsync($"secret-{i}", [(byte)i], Cancellation)));

        var keys = await Task.WhenAll(processes.Select((_, i) => world.DataKeyOfAsync($"secret-{i}")));
        Assert.Single(keys.Distinct());
        Assert.All(await Task.WhenAll(processes.Select(p => p.FindAsync("secret-3", Cancellation))), v => Assert.Equal(new byte[] { 3 }, v));
    }

    [Fact]
    public async Task A_box_under_another_name_or_changed_opens_nothing()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1, 2, 3], Cancellation);
        var box = (await world.Boxes.FindAsync("a", Cancellation))!.Ciphertext;
        await world.Boxes.PutAsync("b", box, Cancellation);
        await Assert.ThrowsAsync<StoreException>(() => world.Secrets.FindAsync("b", Cancellation));

        for (var i = 0; i < box.Length; i++)
        {
            var changed = (byte[])box.Clone();
            changed[i] ^= 1;
            await world.Boxes.PutAsync("a", changed, Cancellation);
            await Assert.ThrowsAsync<StoreException>(() => world.Secrets.FindAsync("a", Cancellation));
        }
    }

    [Fact]
    public async Task Neither_secrets_nor_data_keys_are_told_to_the_log()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", Password, Cancellation);
        world.Time.Advance(Rotation);
        await world.Secrets.FindAsync("a", Cancellation);
        // And on the ways of every fault.
        world.Enable(false);
        world.Time.Advance(Rotation);
        await world.Secrets.FindAsync("a", Cancellation);
        await Assert.ThrowsAsync<StoreException>(() => world.Start().FindAsync("a", Cancellation));
        world.Enable(true);
        world.Road.IsCut = true;
        await Assert.ThrowsAsync<StoreException>(() => world.Start().FindAsync("a", Cancellation));
        world.Road.Clear();
        await Assert.ThrowsAsync<StoreException>(() => world.Start(_ => { }, clientSecret: "another-secret").FindAsync("a", Cancellation));
        await world.Boxes.PutAsync("b", (await world.Boxes.FindAsync("a", Cancellation))!.Ciphertext, Cancellation);
        world.Time.Advance(Rotation);
        await world.Secrets.ResealAsync(null, 100, Cancellation);
        var current = $"{ISecretBoxes.DataKeys}{await world.DataKeyOfAsync("a")}";
        await world.Boxes.PutAsync(current, "{}"u8.ToArray(), Cancellation);
        await world.Secrets.RewrapAsync(Cancellation);

        Assert.InRange(world.Ids.Secrets.Count, 3, 10);
        Assert.All(world.Ids.Secrets, key => Assert.DoesNotContain(world.Logged, l => Tells(l, key)));
        Assert.Contains(world.Logged, l => l.Contains("403", StringComparison.Ordinal));
        Assert.Contains(world.Logged, l => l.Contains("does not open under its data key", StringComparison.Ordinal));
        Assert.Contains(world.Logged, l => l.Contains("stays as it is", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Logged, l => l.Contains("another-secret", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Logged, l => l.Contains("horse", StringComparison.Ordinal) || l.Contains(Convert.ToBase64String(Password), StringComparison.Ordinal));
        Assert.DoesNotContain(world.Logged, l => l.Contains(world.Vault.Address.ClientSecret, StringComparison.Ordinal));
    }

    private static bool Tells(string line, byte[] key)
        => line.Contains(Convert.ToHexString(key), StringComparison.OrdinalIgnoreCase) || line.Contains(Convert.ToBase64String(key), StringComparison.Ordinal)
            || line.Contains(System.Buffers.Text.Base64Url.EncodeToString(key), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("ear-data")]
    [InlineData("http://vault.vault.azure.net/keys/ear-data")]
    [InlineData("https://vault.vault.azure.net/keys/ear-data/0123456789abcdef0123456789abcdef")]
    [InlineData("https://vault.vault.azure.net/secrets/ear-data")]
    public void A_key_that_is_not_named_as_it_must_be_ends_the_start(string identifier)
        => Assert.Contains("KeyIdentifier", new KeyVaultSecretsOptionsCheck().Validate(null, new() { KeyIdentifier = identifier }).FailureMessage, StringComparison.Ordinal);

    [Theory]
    [InlineData("03:00:00")]
    [InlineData("731.00:00:00")]
    [InlineData("10675199.00:00:00")]
    public void A_rotation_within_hours_or_hardly_ever_ends_the_start(string rotation)
        => Assert.StartsWith("Ear:Secrets:RotateDataKeyEvery ", Assert.Single(Faults("https://vault.vault.azure.net/keys/ear-data", rotation)), StringComparison.Ordinal);

    [Fact]
    public void Both_faults_are_told_at_once() => Assert.Equal(2, Faults("", "03:00:00").Count);

    private static List<string> Faults(string identifier, string rotation)
        => [.. new KeyVaultSecretsOptionsCheck().Validate(null, new() { KeyIdentifier = identifier, RotateDataKeyEvery = TimeSpan.Parse(rotation, CultureInfo.InvariantCulture) }).Failures!];
}
