using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;

namespace Ear.Local.Tests.Kms.Aws;

/// <summary>Rotation as the real service does it: new material encrypts, all of it decrypts.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task A_rotation_on_demand_makes_new_material_and_old_ciphertexts_still_open_also_after_a_restart()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        var before = await customer.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("old") });
        var old = (await customer.DescribeKeyAsync(arn)).KeyMetadata.CurrentKeyMaterialId;

        Assert.Equal(arn, (await customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = arn })).KeyId);
        var after = await customer.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("new") });
        await world.RestartAsync();

        var (first, second) = (await OpenAsync(before.CiphertextBlob), await OpenAsync(after.CiphertextBlob));
        Assert.Equal(("old", old), (first.Plaintext.Text(), first.KeyMaterialId));
        Assert.Equal("new", second.Plaintext.Text());
        Assert.NotEqual(old, second.KeyMaterialId);
        var rotation = Assert.Single((await customer.ListKeyRotationsAsync(new ListKeyRotationsRequest { KeyId = arn })).Rotations);
        Assert.Equal(RotationType.ON_DEMAND, rotation.RotationType);

        Task<DecryptResponse> OpenAsync(MemoryStream blob) => customer.DecryptAsync(new DecryptRequest { KeyId = arn, CiphertextBlob = blob });
    }

    [Fact]
    public async Task A_key_is_rotated_on_demand_twenty_five_times_and_no_more()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        for (var i = 0; i < 25; i++)
            await customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = arn });

        await Assert.ThrowsAsync<LimitExceededException>(() => customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = arn }));
    }

    [Fact]
    public async Task A_plan_tells_its_period_and_next_date_is_carried_out_then_and_can_be_ended()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        Assert.False((await StatusAsync()).KeyRotationEnabled);

        await customer.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = arn, RotationPeriodInDays = 90 });
        var status = await StatusAsync();
        Assert.Equal((true, 90), (status.KeyRotationEnabled, status.RotationPeriodInDays));
        Assert.Equal(DateTime.UtcNow.AddDays(90), status.NextRotationDate!.Value.ToUniversalTime(), TimeSpan.FromMinutes(1));

        var key = world.Kms.AwsKeys.Find(arn[(arn.LastIndexOf('/') + 1)..])!;
        world.Kms.AwsClock.Offset = TimeSpan.FromDays(91);
        var later = world.Kms.AwsKeys.Find(key.Id)!;
        Assert.Equal((key.Materials.Count + 1, "AUTOMATIC"), (later.Materials.Count, Assert.Single(later.Rotations).Type));
        world.Kms.AwsClock.Offset = TimeSpan.Zero;

        await customer.DisableKeyRotationAsync(new DisableKeyRotationRequest { KeyId = arn });
        Assert.False((await StatusAsync()).KeyRotationEnabled);

        Task<GetKeyRotationStatusResponse> StatusAsync() => customer.GetKeyRotationStatusAsync(new GetKeyRotationStatusRequest { KeyId = arn });
    }

    [Fact]
    public async Task A_disabled_key_and_one_of_imported_material_are_not_rotated()
    {
        await using var world = await KmsWorld.StartAsync();
        var (arn, imported) = (await world.NewKeyAsync(), await world.NewKeyAsync(new CreateKeyRequest { Origin = OriginType.EXTERNAL }));
        using var customer = world.Customer();
        await customer.DisableKeyAsync(new DisableKeyRequest { KeyId = arn });

        await Assert.ThrowsAsync<DisabledException>(() => customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = arn }));
        await Assert.ThrowsAsync<DisabledException>(() => customer.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = arn }));
        await Assert.ThrowsAsync<UnsupportedOperationException>(() => customer.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = imported }));
        await Assert.ThrowsAsync<UnsupportedOperationException>(() => customer.GetKeyRotationStatusAsync(new GetKeyRotationStatusRequest { KeyId = imported }));
    }
}
