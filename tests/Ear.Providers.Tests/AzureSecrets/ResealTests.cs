using Ear.Providers.AzureSecrets;
using Ear.Providers.Secrets;
using Ear.Secrets;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>After a data key turned over, everything goes under the new one, read or not.</summary>
public sealed class ResealTests
{
    private const int Secrets = 7;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nobody_reads_moves_too_and_the_old_data_key_opens_nothing_any_more()
    {
        await using var world = await SecretsWorld.StartAsync();
        var old = await FillAndTurnAsync(world);

        Assert.Equal((Secrets, 0), await ResealAsync(world.Secrets));

        // Nothing of what lies there needs it.
        await world.Boxes.DeleteAsync($"{ISecretBoxes.DataKeys}{old}", Cancellation);
        var other = world.Start();
        for (var i = 0; i < Secrets; i++)
            Assert.Equal([(byte)i], (await other.FindAsync($"secret-{i}", Cancellation))!);
        Assert.Equal((0, 0), await ResealAsync(world.Secrets));
    }

    [Fact]
    public async Task Cut_off_anywhere_it_is_gone_on_with()
    {
        await using var world = await SecretsWorld.StartAsync();
        await FillAndTurnAsync(world);
        var page = await world.Secrets.ResealAsync(null, 4, Cancellation);
        Assert.InRange(page.Resealed, 1, 4);
        Assert.NotNull(page.Next);

        var (resealed, left) = await ResealAsync(world.Start());

        Assert.Equal((Secrets - page.Resealed, 0), (resealed, left));
    }

    [Fact]
    public async Task A_value_that_is_put_meanwhile_stands()
    {
        await using var world = await SecretsWorld.StartAsync();
        await FillAndTurnAsync(world);
        var boxes = new FaultyBoxes(world.Boxes);
        var process = world.Start(boxes, dataKeysFrom: null);
        boxes.BeforeReplace = name => name == "secret-3" ? world.Secrets.PutAsync("secret-3", [99], Cancellation) : name == "secret-5" ? world.Secrets.DeleteAsync("secret-5", Cancellation) : Task.CompletedTask;

        await ResealAsync(process);

        var other = world.Start();
        Assert.Equal([99], (await other.FindAsync("secret-3", Cancellation))!);
        Assert.Null(await other.FindAsync("secret-5", Cancellation));
        Assert.Equal([4], (await other.FindAsync("secret-4", Cancellation))!);
    }

    [Fact]
    public async Task A_box_that_does_not_open_is_told_of_and_keeps_no_other_under_the_old_key()
    {
        await using var world = await SecretsWorld.StartAsync();
        await FillAndTurnAsync(world);
        var box = (await world.Boxes.FindAsync("secret-2", Cancellation))!.Ciphertext;
        box[^1] ^= 1;
        await world.Boxes.PutAsync("secret-2", box, Cancellation);
        await world.Boxes.PutAsync("secret-4", [9], Cancellation);

        Assert.Equal((Secrets - 2, 2), await ResealAsync(world.Secrets));

        Assert.Contains(world.Logged, l => l.StartsWith("The secret secret-2 stays under its older data key", StringComparison.Ordinal));
        Assert.Contains(world.Logged, l => l.StartsWith("The secret secret-4 stays under its older data key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vault_that_is_away_ends_the_run_and_takes_no_secret_for_broken()
    {
        await using var world = await SecretsWorld.StartAsync();
        await FillAndTurnAsync(world);
        var process = world.Start();
        // The new data key is known by then; the old one cannot be opened.
        await process.PutAsync("new", [1], Cancellation);
        world.Enable(false);
        await Assert.ThrowsAsync<StoreException>(() => ResealAsync(process));
        Assert.DoesNotContain(world.Logged, l => l.Contains("stays under its older data key: it does not open", StringComparison.Ordinal));

        world.Enable(true);
        Assert.Equal((Secrets, 0), await ResealAsync(process));
    }

    [Fact]
    public async Task Data_keys_go_under_the_newest_version_of_the_vaults_key_and_open_without_the_older_one()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var first = (await VersionOfAsync(world, await world.DataKeyOfAsync("a")))!;
        Assert.Equal(new(0, 0), await world.Secrets.RewrapAsync(Cancellation));
        world.RotateVaultKey();

        Assert.Equal(new(1, 0), await world.Secrets.RewrapAsync(Cancellation));
        Assert.Equal(new(0, 0), await world.Secrets.RewrapAsync(Cancellation));

        world.DisableFirstVersion(first);
        var other = world.Start();
        Assert.Equal([1], (await other.FindAsync("a", Cancellation))!);
        Assert.NotEqual(first, await VersionOfAsync(world, await world.DataKeyOfAsync("a")));
    }

    [Fact]
    public async Task A_data_key_that_may_be_known_seals_nothing_after_the_moment_that_the_setting_names()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        var leaked = await world.DataKeyOfAsync("a");
        world.Time.Advance(TimeSpan.FromHours(3));
        var later = world.Start(world.Boxes, world.Time.GetUtcNow().AddHours(1));
        await later.PutAsync("b", [2], Cancellation);
        Assert.Equal(leaked, await world.DataKeyOfAsync("b"));

        var started = world.Start(world.Boxes, world.Time.GetUtcNow());
        await ResealAsync(started);

        Assert.NotEqual(leaked, await world.DataKeyOfAsync("a"));
        var anew = await world.DataKeyOfAsync("b");
        Assert.Equal(await world.DataKeyOfAsync("a"), anew);
        // And no other for the same moment.
        world.Time.Advance(TimeSpan.FromHours(2));
        await started.PutAsync("c", [3], Cancellation);
        Assert.Equal(anew, await world.DataKeyOfAsync("c"));
    }

    [Fact]
    public async Task A_process_that_has_not_heard_of_a_newer_data_key_takes_nothing_back_under_its_own()
    {
        await using var world = await SecretsWorld.StartAsync();
        await world.Secrets.PutAsync("a", [1], Cancellation);
        world.Time.Advance(new KeyVaultSecretsOptions().RotateDataKeyEvery - TimeSpan.FromMinutes(30));
        await world.Secrets.PutAsync("a", [1], Cancellation);
        world.Time.Advance(TimeSpan.FromMinutes(31));
        await world.Start().PutAsync("b", [2], Cancellation);
        var newest = await world.DataKeyOfAsync("b");

        Assert.Equal([2], (await world.Secrets.FindAsync("b", Cancellation))!);
        await ResealAsync(world.Secrets);

        Assert.Equal((newest, newest), (await world.DataKeyOfAsync("a"), await world.DataKeyOfAsync("b")));
    }

    private static async Task<string> FillAndTurnAsync(SecretsWorld world)
    {
        for (var i = 0; i < Secrets; i++)
            await world.Secrets.PutAsync($"secret-{i}", [(byte)i], Cancellation);
        var old = await world.DataKeyOfAsync("secret-0");
        world.Time.Advance(new KeyVaultSecretsOptions().RotateDataKeyEvery);
        return old;
    }

    private static async Task<(int Resealed, int Left)> ResealAsync(ISecretSeals seals)
    {
        var (resealed, left) = (0, 0);
        string? after = null;
        do
        {
            var page = await seals.ResealAsync(after, 2, Cancellation);
            (resealed, left, after) = (resealed + page.Resealed, left + page.Left, page.Next);
        }
        while (after is not null);
        return (resealed, left);
    }

    private static async Task<string?> VersionOfAsync(SecretsWorld world, string dataKey)
        => System.Text.Json.JsonSerializer.Deserialize((await world.Boxes.FindAsync($"{ISecretBoxes.DataKeys}{dataKey}", Cancellation))!.Ciphertext, DataKeyJson.Default.WrappedDataKey)!.KeyIdentifier.Split('/')[^1];
}
