using Google.Cloud.Kms.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Algorithm = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm;
using Purpose = Google.Cloud.Kms.V1.CryptoKey.Types.CryptoKeyPurpose;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>Key rings, keys and versions: made, listed, changed, rotated.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task A_new_key_has_googles_defaults_and_one_enabled_version_that_is_its_primary()
    {
        await using var world = await GoogleWorld.StartAsync();
        var name = await world.NewKeyAsync(wish: new CryptoKey { Labels = { ["team"] = "orders" } });

        var key = await world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = name });
        Assert.Equal((Purpose.EncryptDecrypt, Algorithm.GoogleSymmetricEncryption, ProtectionLevel.Software), (key.Purpose, key.VersionTemplate.Algorithm, key.VersionTemplate.ProtectionLevel));
        Assert.Equal(TimeSpan.FromDays(30), key.DestroyScheduledDuration.ToTimeSpan());
        Assert.Equal((name + "/cryptoKeyVersions/1", State.Enabled), (key.Primary.Name, key.Primary.State));
        Assert.Equal("orders", key.Labels["team"]);
        Assert.Null(key.RotationPeriod);
    }

    [Fact]
    public async Task What_is_not_there_or_is_there_already_is_told()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();

        await Refused.WithAsync(StatusCode.AlreadyExists, $"CryptoKey {key} already exists.", () => world.NewKeyAsync());
        await Refused.WithAsync(StatusCode.AlreadyExists, $"KeyRing {GoogleWorld.Ring} already exists.",
            () => world.Customer.CreateKeyRingAsync(new CreateKeyRingRequest { Parent = GoogleWorld.Location, KeyRingId = "orders" }).ResponseAsync);
        await Refused.WithAsync(StatusCode.NotFound, $"CryptoKey {key}s not found.", () => world.EncryptAsync(key + "s"));
        await Refused.WithAsync(StatusCode.NotFound, $"CryptoKeyVersion {key}/cryptoKeyVersions/2 not found.",
            () => world.Customer.GetCryptoKeyVersionAsync(new GetCryptoKeyVersionRequest { Name = key + "/cryptoKeyVersions/2" }).ResponseAsync);
        await Refused.WithAsync(StatusCode.InvalidArgument, "Resource name [nonsense] is not the name of a CryptoKey.",
            () => world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = "nonsense" }).ResponseAsync);
        await Refused.WithAsync(StatusCode.InvalidArgument, "Invalid crypto_key_id: 'no spaces'. It must match [a-zA-Z0-9_-]{1,63}.", () => world.NewKeyAsync("no spaces"));
    }

    [Fact]
    public async Task Another_project_is_forbidden_whether_or_not_it_exists()
    {
        await using var world = await GoogleWorld.StartAsync();
        const string key = "projects/somebody-elses/locations/global/keyRings/r/cryptoKeys/k";

        await Refused.WithAsync(StatusCode.PermissionDenied, $"Permission 'cloudkms.cryptoKeys.get' denied on resource '{key}' (or it may not exist).",
            () => world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key }).ResponseAsync);
    }

    [Fact]
    public async Task Lists_come_page_by_page_and_versions_by_state()
    {
        await using var world = await GoogleWorld.StartAsync();
        foreach (var id in (string[])["c", "a", "b"])
            await world.NewKeyAsync(id);

        var first = await world.Customer.ListCryptoKeysAsync(new ListCryptoKeysRequest { Parent = GoogleWorld.Ring, PageSize = 2 });
        var second = await world.Customer.ListCryptoKeysAsync(new ListCryptoKeysRequest { Parent = GoogleWorld.Ring, PageSize = 2, PageToken = first.NextPageToken });
        Assert.Equal(["a", "b", "c"], first.CryptoKeys.Concat(second.CryptoKeys).Select(k => k.Name[^1..]));
        Assert.Equal((3, ""), (second.TotalSize, second.NextPageToken));

        var key = first.CryptoKeys[0].Name;
        await world.Customer.CreateCryptoKeyVersionAsync(new CreateCryptoKeyVersionRequest { Parent = key, CryptoKeyVersion = new() { State = State.Disabled } });
        var disabled = await world.Customer.ListCryptoKeyVersionsAsync(new ListCryptoKeyVersionsRequest { Parent = key, Filter = "state=DISABLED" });
        Assert.Equal(key + "/cryptoKeyVersions/2", Assert.Single(disabled.CryptoKeyVersions).Name);
        Assert.Equal(GoogleWorld.Ring, Assert.Single((await world.Customer.ListKeyRingsAsync(new ListKeyRingsRequest { Parent = GoogleWorld.Location })).KeyRings).Name);
        await Assert.ThrowsAsync<RpcException>(() => world.Customer.ListCryptoKeysAsync(new ListCryptoKeysRequest { Parent = GoogleWorld.Ring, PageToken = "!" }).ResponseAsync);
    }

    [Fact]
    public async Task A_key_rotates_by_itself_when_its_time_has_come_and_older_data_stays_readable()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await GoogleWorld.StartAsync(time);
        var next = time.GetUtcNow().AddDays(10);
        var name = await world.NewKeyAsync(wish: new CryptoKey { RotationPeriod = Duration.FromTimeSpan(TimeSpan.FromDays(90)), NextRotationTime = next.ToTimestamp() });
        var old = await world.EncryptAsync(name, "old");

        world.Service.Clock.Offset = TimeSpan.FromDays(10);
        var later = world.CustomerNow();
        var key = await later.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = name });

        Assert.Equal(name + "/cryptoKeyVersions/2", key.Primary.Name);
        Assert.Equal(next.AddDays(90), key.NextRotationTime.ToDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        var decrypted = await later.DecryptAsync(new DecryptRequest { Name = name, Ciphertext = old.Ciphertext });
        Assert.Equal(("old", false), (decrypted.Plaintext.ToStringUtf8(), decrypted.UsedPrimary));
    }

    [Theory]
    [InlineData(1, 10, "rotation_period must be at least 24 hours and at most 876,000 hours.")]
    [InlineData(2400, -1, "next_rotation_time must be in the future.")]
    [InlineData(2400, null, "next_rotation_time must be set if rotation_period is set.")]
    public async Task A_rotation_that_cannot_be_is_refused(int periodHours, int? nextHours, string text)
    {
        await using var world = await GoogleWorld.StartAsync();
        var wish = new CryptoKey
        {
            RotationPeriod = Duration.FromTimeSpan(TimeSpan.FromHours(periodHours)),
            NextRotationTime = nextHours is { } hours ? world.Service.Clock.Now.AddHours(hours).ToTimestamp() : null,
        };

        await Refused.WithAsync(StatusCode.InvalidArgument, text, () => world.NewKeyAsync(wish: wish));
    }

    [Fact]
    public async Task Labels_and_rotation_can_be_changed_and_nothing_else()
    {
        await using var world = await GoogleWorld.StartAsync();
        var name = await world.NewKeyAsync();
        var wish = new CryptoKey { Name = name, Labels = { ["a"] = "b" }, NextRotationTime = world.Service.Clock.Now.AddDays(1).ToTimestamp(), RotationPeriod = Duration.FromTimeSpan(TimeSpan.FromDays(7)) };
        Task<CryptoKey> Update(params string[] paths) =>
            world.Customer.UpdateCryptoKeyAsync(new UpdateCryptoKeyRequest { CryptoKey = wish, UpdateMask = new() { Paths = { paths } } }).ResponseAsync;

        var changed = await Update("labels", "rotation_period", "next_rotation_time");
        Assert.Equal(("b", TimeSpan.FromDays(7)), (changed.Labels["a"], changed.RotationPeriod.ToTimeSpan()));
        wish = new CryptoKey { Name = name };
        Assert.Null((await Update("rotation_period", "next_rotation_time")).NextRotationTime);
        await Refused.WithAsync(StatusCode.InvalidArgument, "The field purpose of a CryptoKey cannot be updated.", () => Update("purpose"));
        await Refused.WithAsync(StatusCode.InvalidArgument, "update_mask must not be empty.", () => Update());
    }

    [Fact]
    public async Task Only_an_enabled_version_becomes_primary()
    {
        await using var world = await GoogleWorld.StartAsync();
        var name = await world.NewKeyAsync();
        var version = await world.Customer.CreateCryptoKeyVersionAsync(new CreateCryptoKeyVersionRequest { Parent = name, CryptoKeyVersion = new() { State = State.Disabled } });

        await Refused.WithAsync(StatusCode.FailedPrecondition, $"{version.Name} is not enabled, current state is: DISABLED.",
            () => world.Customer.UpdateCryptoKeyPrimaryVersionAsync(new UpdateCryptoKeyPrimaryVersionRequest { Name = name, CryptoKeyVersionId = "2" }).ResponseAsync);
    }
}
