using Google.Cloud.Kms.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>What each state of a version allows, by gRPC and with Google's texts (spec kms §1.3).</summary>
public sealed class VersionStateTests
{
    [Theory]
    [InlineData(State.Disabled, "DISABLED")]
    [InlineData(State.DestroyScheduled, "DESTROY_SCHEDULED")]
    [InlineData(State.Destroyed, "DESTROYED")]
    [InlineData(State.PendingGeneration, "PENDING_GENERATION")]
    [InlineData(State.PendingImport, "PENDING_IMPORT")]
    [InlineData(State.ImportFailed, "IMPORT_FAILED")]
    [InlineData(State.GenerationFailed, "GENERATION_FAILED")]
    [InlineData(State.PendingExternalDestruction, "PENDING_EXTERNAL_DESTRUCTION")]
    [InlineData(State.ExternalDestructionFailed, "EXTERNAL_DESTRUCTION_FAILED")]
    public async Task A_version_in_that_state_can_be_looked_at_and_not_used(State state, string name)
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var wrapped = await world.EncryptAsync(key);
        world.Service.Keys.Force(key, state);

        Assert.Equal(state, (await world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key })).Primary.State);
        Assert.Equal(state, (await world.Customer.GetCryptoKeyVersionAsync(new GetCryptoKeyVersionRequest { Name = wrapped.Name })).State);
        var text = $"{key}/cryptoKeyVersions/1 is not enabled, current state is: {name}.";
        await Refused.WithAsync(StatusCode.FailedPrecondition, text, () => world.EncryptAsync(key));
        await Refused.WithAsync(StatusCode.FailedPrecondition, text, () => world.DecryptAsync(key, wrapped.Ciphertext));
    }

    [Fact]
    public async Task Disable_and_enable_are_seen_by_the_next_call()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var wrapped = await world.EncryptAsync(key, "x");

        Assert.Equal(State.Disabled, (await world.SetStateAsync(wrapped.Name, State.Disabled)).State);
        await Assert.ThrowsAsync<RpcException>(() => world.DecryptAsync(key, wrapped.Ciphertext));
        Assert.Equal(State.Enabled, (await world.SetStateAsync(wrapped.Name, State.Enabled)).State);
        Assert.Equal("x", (await world.DecryptAsync(key, wrapped.Ciphertext)).Plaintext.ToStringUtf8());
    }

    [Fact]
    public async Task A_scheduled_destruction_can_be_taken_back_until_its_time_and_leaves_the_version_disabled()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await GoogleWorld.StartAsync(time);
        var key = await world.NewKeyAsync();
        var wrapped = await world.EncryptAsync(key, "x");

        var scheduled = await world.Customer.DestroyCryptoKeyVersionAsync(new DestroyCryptoKeyVersionRequest { Name = wrapped.Name });
        Assert.Equal(State.DestroyScheduled, scheduled.State);
        Assert.Equal(time.GetUtcNow().AddDays(30), scheduled.DestroyTime.ToDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        world.Service.Clock.Offset = TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1);
        var later = world.CustomerNow();

        var restored = await later.RestoreCryptoKeyVersionAsync(new RestoreCryptoKeyVersionRequest { Name = wrapped.Name });
        Assert.Equal(State.Disabled, restored.State);
        Assert.Null(restored.DestroyTime);
    }

    [Fact]
    public async Task When_its_time_has_come_the_version_is_destroyed_for_good()
    {
        await using var world = await GoogleWorld.StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow));
        var key = await world.NewKeyAsync(wish: new CryptoKey { DestroyScheduledDuration = Duration.FromTimeSpan(TimeSpan.FromDays(2)) });
        var wrapped = await world.EncryptAsync(key, "x");
        var scheduled = await world.Customer.DestroyCryptoKeyVersionAsync(new DestroyCryptoKeyVersionRequest { Name = wrapped.Name });
        world.Service.Clock.Offset = TimeSpan.FromDays(2);
        var later = world.CustomerNow();

        var version = await later.GetCryptoKeyVersionAsync(new GetCryptoKeyVersionRequest { Name = wrapped.Name });
        Assert.Equal((State.Destroyed, scheduled.DestroyTime), (version.State, version.DestroyEventTime));
        Assert.Null(version.DestroyTime);
        var text = $"The request cannot be fulfilled. Resource {wrapped.Name} has value DESTROYED in field crypto_key_version.state.";
        await Refused.WithAsync(StatusCode.FailedPrecondition, text, () => later.RestoreCryptoKeyVersionAsync(new RestoreCryptoKeyVersionRequest { Name = wrapped.Name }).ResponseAsync);
        world.Service.Clock.Offset = TimeSpan.Zero;
        await Refused.WithAsync(StatusCode.FailedPrecondition, $"{wrapped.Name} is not enabled, current state is: DESTROYED.", () => world.DecryptAsync(key, wrapped.Ciphertext));
    }

    [Fact]
    public async Task A_version_that_waits_for_its_destruction_is_neither_enabled_nor_scheduled_again()
    {
        await using var world = await GoogleWorld.StartAsync();
        var version = await world.NewKeyAsync() + "/cryptoKeyVersions/1";
        await world.Customer.DestroyCryptoKeyVersionAsync(new DestroyCryptoKeyVersionRequest { Name = version });

        var text = $"The request cannot be fulfilled. Resource {version} has value DESTROY_SCHEDULED in field crypto_key_version.state.";
        await Refused.WithAsync(StatusCode.FailedPrecondition, text, () => world.SetStateAsync(version, State.Enabled));
        await Refused.WithAsync(StatusCode.FailedPrecondition, text, () => world.Customer.DestroyCryptoKeyVersionAsync(new DestroyCryptoKeyVersionRequest { Name = version }).ResponseAsync);
    }
}
