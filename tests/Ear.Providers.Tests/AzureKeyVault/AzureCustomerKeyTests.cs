using System.Security.Cryptography;
using Ear.CustomerKeys;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using KeyChange = Ear.Local.Kms.Azure.Vault.KeyChange;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>What only Azure has: versions that are pinned, keys that can be recovered, applications of two kinds.</summary>
public sealed class AzureCustomerKeyTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(64);
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_checks_share_one_token_and_a_working_key_is_described_once_an_hour()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        await CheckAsync(world, canary);
        Assert.Equal((1, 1), (world.Asked("Token"), world.Asked("GetKey")));
        world.Requests.Clear();

        var checks = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Provider.CheckAsync(world.Key, canary, Context, Stop)));

        Assert.All(checks, c => Assert.Equal((new KeyVerdict.Valid(), "Enabled"), (c.Verdict, c.Facts.State)));
        Assert.Equal(40, world.Requests.All().Count);
        Assert.Equal(40, world.Asked("UnwrapKey"));
        world.Time.Advance(TimeSpan.FromMinutes(61));
        await CheckAsync(world, canary);
        Assert.Equal(1, world.Asked("GetKey"));
    }

    [Fact]
    public async Task A_new_secret_has_a_new_name_and_is_used_at_once()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        await world.PutSecretAsync("second", world.Azure.Address.ClientSecret);
        await world.PutSecretAsync("wrong", "not the secret");

        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary, With(world, "second"))).Verdict);
        Assert.Equal(2, world.Asked("Token"));
        var wrong = Assert.IsType<KeyVerdict.Invalid>((await CheckAsync(world, canary, With(world, "wrong"))).Verdict);
        Assert.Equal((InvalidReason.CredentialsInvalid, true), (wrong.Reason, wrong.Detail.Contains("secret is wrong", StringComparison.Ordinal)));
        var missing = Assert.IsType<KeyVerdict.Unknown>((await CheckAsync(world, canary, With(world, "never-stored"))).Verdict);
        Assert.Equal(UnknownReason.OurFault, missing.Reason);
    }

    [Fact]
    public async Task The_configured_version_wraps_and_each_version_opens_its_own()
    {
        await using var world = await AzureWorld.StartAsync();
        var first = await WrapAsync(world);
        var rotated = world.Azure.Keys.Rotate("orders").Current;

        var pinned = await WrapAsync(world);
        var second = await WrapAsync(world, world.AzureKey with { KeyIdentifier = world.KeyId(rotated) });

        Assert.Equal((first.KeyVersion, world.Key.KeyIdentifier), (pinned.KeyVersion, pinned.KeyIdentifier));
        Assert.Equal((rotated.Id, world.KeyId(rotated)), (second.KeyVersion, second.KeyIdentifier));
        foreach (var wrapped in new[] { first, pinned, second })
            Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped, Context, Stop))).Value);
    }

    [Fact]
    public async Task A_disabled_version_closes_what_it_wrapped_and_no_other_and_wraps_nothing()
    {
        await using var world = await AzureWorld.StartAsync();
        var first = await WrapAsync(world);
        var rotated = world.AzureKey with { KeyIdentifier = world.KeyId(world.Azure.Keys.Rotate("orders").Current) };
        var second = await WrapAsync(world, rotated);
        world.Azure.Keys.Update("orders", first.KeyVersion, new KeyChange { Enabled = false });

        var closed = await CheckAsync(world, first);
        Assert.Equal((InvalidReason.KeyDisabled, "Disabled"), (Assert.IsType<KeyVerdict.Invalid>(closed.Verdict).Reason, closed.Facts.State));
        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, second, rotated)).Verdict);
        // The vault wraps with a disabled key; nothing that cannot be opened is given out.
        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        Assert.Equal((true, InvalidReason.KeyDisabled), (wrapped.Value is null, Assert.IsType<KeyVerdict.Invalid>(wrapped.Verdict).Reason));
    }

    [Fact]
    public async Task A_deleted_key_tells_until_when_it_can_be_recovered_and_a_purged_one_is_not_found()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        var purge = world.Azure.Keys.Delete("orders").PurgeOn;

        var deleted = await CheckAsync(world, canary);
        Assert.Equal((InvalidReason.KeyDeletedOrPendingDeletion, "Deleted", purge), (Assert.IsType<KeyVerdict.Invalid>(deleted.Verdict).Reason, deleted.Facts.State, deleted.Facts.DeletionDate));
        Assert.Contains("recovered until", deleted.Verdict.ToString());

        world.Azure.Keys.Purge("orders");
        Assert.Equal(InvalidReason.KeyNotFound, Assert.IsType<KeyVerdict.Invalid>((await CheckAsync(world, canary)).Verdict).Reason);
        world.Azure.Keys.Create("orders");
        var other = await CheckAsync(world, canary);
        Assert.Equal((InvalidReason.KeyNotFound, "VersionNotFound"), (Assert.IsType<KeyVerdict.Invalid>(other.Verdict).Reason, other.Facts.State));
    }

    [Fact]
    public async Task A_deleted_key_that_ear_may_not_look_for_is_not_found()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Azure.Keys.Delete("orders");
        world.Azure.Access.Allow(world.Azure.Address.ClientId, ["WrapKey", "UnwrapKey", "GetKey"]);

        Assert.Equal(InvalidReason.KeyNotFound, Assert.IsType<KeyVerdict.Invalid>((await CheckAsync(world, canary)).Verdict).Reason);
    }

    [Fact]
    public async Task A_key_that_is_just_being_deleted_is_deleted()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Azure.Keys.Settling = TimeSpan.FromHours(1);
        world.Azure.Keys.Delete("orders");

        Assert.Equal(InvalidReason.KeyDeletedOrPendingDeletion, Assert.IsType<KeyVerdict.Invalid>((await CheckAsync(world, canary)).Verdict).Reason);
    }

    [Fact]
    public async Task Many_checks_that_need_a_token_at_once_ask_for_one()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        await CheckAsync(world, canary);
        await world.PutSecretAsync("second", world.Azure.Address.ClientSecret);
        world.Requests.Clear();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Provider.UnwrapAsync(With(world, "second"), canary, Context, Stop)));

        Assert.Equal((1, 40), (world.Asked("Token"), world.Asked("UnwrapKey")));
    }

    [Fact]
    public async Task An_expired_key_still_opens_data_and_wraps_nothing_new()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        var expired = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds());
        world.Change(new KeyChange { Expires = expired });

        var check = await CheckAsync(world, canary);
        Assert.IsType<KeyVerdict.Valid>(check.Verdict);
        Assert.Equal(("Expired", expired), (check.Facts.State, check.Facts.KeyExpires));
        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        Assert.Equal(InvalidReason.KeyExpiredOrNotYetValid, Assert.IsType<KeyVerdict.Invalid>(wrapped.Verdict).Reason);
    }

    [Fact]
    public async Task The_vaults_rotation_is_told()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Azure.Keys.SetRotation("orders", null, [new RotationAction("Rotate", "P90D", null)]);
        var newest = world.Azure.Keys.Rotate("orders").Current;

        var rotation = (await CheckAsync(world, canary)).Facts.Rotation!;

        Assert.Equal((true, newest.Created, newest.Created.AddDays(90)), (rotation.Enabled, rotation.Last, rotation.Next));
    }

    [Fact]
    public async Task A_firewall_is_no_verdict_on_the_key_and_tells_the_address_it_saw()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        await world.EnterAsync("firewall");

        var check = await CheckAsync(world, canary);

        Assert.Equal(UnknownReason.NetworkAccessDenied, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal("127.0.0.1", check.Facts.CallerAddress);
        Assert.False(string.IsNullOrEmpty(check.Facts.RequestId));
        Assert.DoesNotContain(world.Logged, l => l.Contains(world.Key.KeyIdentifier, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_permission_to_unwrap_alone_is_enough_for_a_check()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Azure.Access.Allow(world.Azure.Address.ClientId, ["UnwrapKey"]);

        var check = await CheckAsync(world, canary);

        Assert.IsType<KeyVerdict.Valid>(check.Verdict);
        Assert.Null(check.Facts.State);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_is_the_customers_to_correct()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);

        var check = await CheckAsync(world, canary, world.AzureKey with { TenantId = "99999999-8888-7777-6666-555555555555" });

        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(check.Verdict).Reason);
    }

    [Fact]
    public async Task A_refused_token_is_replaced_and_the_check_goes_on()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.FaultRules.Add(new FaultRule { Operation = "UnwrapKey", Code = "Unauthorized", Status = 401, Times = 1 });

        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);
        Assert.Equal(2, world.Asked("Token"));
    }

    [Fact]
    public async Task A_no_that_the_keys_own_attributes_contradict_is_asked_again()
    {
        await using var world = await AzureWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.FaultRules.Add(new FaultRule { Operation = "UnwrapKey", Code = "KeyDisabled", Status = 403, Message = "Operation unwrapKey is not allowed on a disabled key.", Times = 1 });

        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);
    }

    [Fact]
    public async Task A_key_that_is_no_rsa_key_is_of_the_wrong_kind()
    {
        await using var world = await AzureWorld.StartAsync();
        var curve = world.Azure.Keys.Create("curve", "EC").Current;

        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(world.AzureKey with { KeyIdentifier = world.KeyId(curve, "curve") }, Secret, Context, Stop));

        Assert.Equal(InvalidReason.WrongKeyType, Assert.IsType<KeyVerdict.Invalid>(wrapped.Verdict).Reason);
    }

    [Fact]
    public async Task More_than_64_bytes_are_not_wrapped()
    {
        await using var world = await AzureWorld.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => world.Provider.WrapAsync(world.Key, new byte[65], Context, Stop));
    }

    private static CustomerKey.Azure With(AzureWorld world, string secret) => world.AzureKey with { Access = new AzureAccess.ClientSecret(world.Azure.Address.ClientId, secret) };

    private static Task<KeyCheck> CheckAsync(AzureWorld world, WrappedKey canary, CustomerKey? key = null) =>
        world.InTimeAsync(world.Provider.CheckAsync(key ?? world.Key, canary, Context, Stop));

    private static async Task<WrappedKey> WrapAsync(AzureWorld world, CustomerKey? key = null)
    {
        var answer = await world.InTimeAsync(world.Provider.WrapAsync(key ?? world.Key, Secret, Context, Stop));
        Assert.Equal(new KeyVerdict.Valid(), answer.Verdict);
        return answer.Value!;
    }
}
