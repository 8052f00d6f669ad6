using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Kms.Aws;

/// <summary>The key-state table of the AWS developer guide, by the real SDK.</summary>
public sealed class KeyStateTests
{
    [Theory]
    [InlineData("Disabled", "DisabledException", "is disabled.")]
    [InlineData("PendingDeletion", "KMSInvalidStateException", "is pending deletion.")]
    [InlineData("PendingReplicaDeletion", "KMSInvalidStateException", "is pending replica deletion.")]
    [InlineData("PendingImport", "KMSInvalidStateException", "is pending import.")]
    [InlineData("Creating", "KMSInvalidStateException", "is creating.")]
    [InlineData("Unavailable", "KMSInvalidStateException", "is unavailable.")]
    public async Task A_key_in_that_state_can_be_looked_at_and_not_used(string state, string code, string words)
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") });
        await world.ForceStateAsync(arn, state);

        Assert.Equal(state, (await ear.DescribeKeyAsync(arn)).KeyMetadata.KeyState.Value);
        foreach (var use in (Func<Task>[])[
            () => ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") }),
            () => ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob }),
            () => ear.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = arn, KeySpec = DataKeySpec.AES_256 })])
        {
            var refused = await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(use);
            Assert.Equal((code, $"{arn} {words}"), (refused.ErrorCode, refused.Message));
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.False(string.IsNullOrEmpty(refused.RequestId));
        }
    }

    [Fact]
    public async Task A_key_that_is_updating_still_works()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        await world.ForceStateAsync(arn, "Updating");

        Assert.NotEmpty((await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") })).CiphertextBlob.ToArray());
    }

    [Fact]
    public async Task Disable_and_enable_are_seen_by_the_next_call()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") });

        await customer.DisableKeyAsync(new DisableKeyRequest { KeyId = arn });
        await Assert.ThrowsAsync<DisabledException>(() => ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob }));
        await customer.EnableKeyAsync(new EnableKeyRequest { KeyId = arn });
        Assert.Equal("x", (await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob })).Plaintext.Text());
    }

    [Fact]
    public async Task A_deletion_can_be_cancelled_until_its_date_and_then_the_key_is_gone()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await KmsWorld.StartAsync(time);
        var (kept, lost) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var customer = world.Customer();
        var wrapped = await customer.EncryptAsync(new EncryptRequest { KeyId = lost, Plaintext = Streams.Of("x") });

        var scheduled = await customer.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = kept, PendingWindowInDays = 7 });
        await customer.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = lost, PendingWindowInDays = 7 });
        Assert.Equal(KeyState.PendingDeletion, scheduled.KeyState);
        Assert.Equal(time.GetUtcNow().AddDays(7).UtcDateTime, scheduled.DeletionDate!.Value.ToUniversalTime(), TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<KMSInvalidStateException>(() => customer.EnableKeyAsync(new EnableKeyRequest { KeyId = kept }));

        await customer.CancelKeyDeletionAsync(new CancelKeyDeletionRequest { KeyId = kept });
        Assert.Equal(KeyState.Disabled, (await customer.DescribeKeyAsync(kept)).KeyMetadata.KeyState);
        await Assert.ThrowsAsync<KMSInvalidStateException>(() => customer.CancelKeyDeletionAsync(new CancelKeyDeletionRequest { KeyId = kept }));

        // Seven days on, by the service's clock: the SDK corrects its own by the Date header of the first refusal.
        (await world.PutAsync("/faults", new { aws = new { clockOffsetSeconds = 7.01 * 86_400 } })).EnsureSuccessStatusCode();
        using var patient = world.Client(new Amazon.Runtime.BasicAWSCredentials(world.Kms.CustomerKey.AccessKeyId, world.Kms.CustomerKey.SecretAccessKey), retries: 2);
        await Assert.ThrowsAsync<NotFoundException>(() => patient.DescribeKeyAsync(lost));
        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => patient.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob }));
        Assert.Equal("AccessDeniedException", refused.ErrorCode);
        Assert.StartsWith("The ciphertext refers to a customer master key that does not exist", refused.Message);
    }

    [Fact]
    public async Task A_key_that_does_not_exist_is_told_apart_from_a_malformed_name_and_another_region()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        using var elsewhere = world.Customer("eu-west-1");

        Assert.EndsWith("does not exist", (await Assert.ThrowsAsync<NotFoundException>(() => customer.DescribeKeyAsync(Guid.Empty.ToString()))).Message);
        Assert.Equal("Invalid keyId 'nonsense'", (await Assert.ThrowsAsync<NotFoundException>(() => customer.DescribeKeyAsync("nonsense"))).Message);
        await Assert.ThrowsAsync<InvalidArnException>(() => customer.DescribeKeyAsync("arn:aws:kms:nonsense"));
        await Assert.ThrowsAsync<NotFoundException>(() => elsewhere.DescribeKeyAsync(arn));
        await Assert.ThrowsAsync<NotFoundException>(() => elsewhere.DescribeKeyAsync(arn[(arn.LastIndexOf('/') + 1)..]));
    }

    [Fact]
    public async Task A_key_for_another_use_is_refused_by_its_usage()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync(new CreateKeyRequest { KeySpec = KeySpec.HMAC_256, KeyUsage = KeyUsageType.GENERATE_VERIFY_MAC });
        using var customer = world.Customer();

        var refused = await Assert.ThrowsAsync<InvalidKeyUsageException>(() => customer.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") }));
        Assert.Equal($"{arn} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.", refused.Message);
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page_in_their_region()
    {
        await using var world = await KmsWorld.StartAsync();
        var made = new HashSet<string>();
        for (var i = 0; i < 5; i++)
            made.Add(await world.NewKeyAsync());
        using var customer = world.Customer();
        using var elsewhere = world.Customer("eu-west-1");

        var first = await customer.ListKeysAsync(new ListKeysRequest { Limit = 3 });
        var second = await customer.ListKeysAsync(new ListKeysRequest { Limit = 3, Marker = first.NextMarker });

        Assert.True(first.Truncated);
        Assert.False(second.Truncated);
        Assert.Equal(made, first.Keys.Concat(second.Keys).Select(k => k.KeyArn).ToHashSet());
        Assert.Empty((await elsewhere.ListKeysAsync(new ListKeysRequest())).Keys ?? []);
    }

    [Fact]
    public async Task Rotation_status_is_told_for_a_key_of_kms_and_not_for_an_imported_one()
    {
        await using var world = await KmsWorld.StartAsync();
        using var customer = world.Customer();

        Assert.False((await customer.GetKeyRotationStatusAsync(new GetKeyRotationStatusRequest { KeyId = await world.NewKeyAsync() })).KeyRotationEnabled);
        var imported = await world.NewKeyAsync(new CreateKeyRequest { Origin = OriginType.EXTERNAL });
        await Assert.ThrowsAsync<UnsupportedOperationException>(() => customer.GetKeyRotationStatusAsync(new GetKeyRotationStatusRequest { KeyId = imported }));
    }

    [Fact]
    public async Task An_operation_that_is_not_served_says_so()
    {
        await using var world = await KmsWorld.StartAsync();
        using var customer = world.Customer();

        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => customer.ListGrantsAsync(new ListGrantsRequest { KeyId = Guid.Empty.ToString() }));
        Assert.Equal("UnknownOperationException", refused.ErrorCode);
    }
}
