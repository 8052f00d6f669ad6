using System.Text;
using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;
using Ear.Local.Kms.Control;

namespace Ear.Providers.Tests.AwsKms;

/// <summary>The ways to a key: by the customer's own access key, by id and by ARN, across regions; and what is told about it.</summary>
public sealed class AwsAccessTests
{
    private static readonly byte[] Secret = new byte[64];
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customers_access_key_opens_without_sts_and_its_secret_is_read_once()
    {
        await using var world = await AwsWorld.StartAsync();
        var key = await ByAccessKeyAsync(world, world.Kms.CustomerKey.SecretAccessKey);

        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop));
        await world.Store.DeleteAsync("aws-secret", Stop);
        var check = await world.InTimeAsync(world.Provider.CheckAsync(key, wrapped.Value!, Context, Stop));

        Assert.IsType<KeyVerdict.Valid>(check.Verdict);
        Assert.Equal(0, world.Asked("AssumeRole"));
    }

    [Fact]
    public async Task A_wrong_secret_or_an_unknown_access_key_is_the_customers_and_a_lost_secret_is_ours()
    {
        await using var world = await AwsWorld.StartAsync();
        var wrong = await ByAccessKeyAsync(world, "not the secret");

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(wrong, Secret, Context, Stop));
        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(answer.Verdict).Reason);
        var unknown = await world.InTimeAsync(world.Provider.WrapAsync(wrong with { Access = new AwsAccess.AccessKey("AKIAUNKNOWN", "aws-secret") }, Secret, Context, Stop));
        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(unknown.Verdict).Reason);
        var lost = await world.InTimeAsync(world.Provider.WrapAsync(wrong with { Access = new AwsAccess.AccessKey("AKIALOST", "lost") }, Secret, Context, Stop));
        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(lost.Verdict).Reason);
    }

    [Fact]
    public async Task A_key_is_named_by_id_or_arn_and_an_arn_of_another_region_is_told_clearly()
    {
        await using var world = await AwsWorld.StartAsync();
        var id = world.AwsKey.KeyIdentifier[(world.AwsKey.KeyIdentifier.LastIndexOf('/') + 1)..];

        Assert.NotNull((await world.InTimeAsync(world.Provider.WrapAsync(world.AwsKey with { KeyIdentifier = id }, Secret, Context, Stop))).Value);
        var elsewhere = await world.InTimeAsync(world.Provider.WrapAsync(world.AwsKey with { Region = "eu-west-1" }, Secret, Context, Stop));

        var no = Assert.IsType<KeyVerdict.Invalid>(elsewhere.Verdict);
        Assert.Equal(InvalidReason.KeyNotFound, no.Reason);
        Assert.Contains("another region", no.Detail);
    }

    [Fact]
    public async Task More_than_64_bytes_are_a_bug_of_the_caller()
    {
        await using var world = await AwsWorld.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => world.Provider.WrapAsync(world.Key, new byte[65], Context, Stop));
    }

    [Fact]
    public async Task A_working_key_tells_its_state_and_rotation_and_is_looked_at_once_an_hour()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world, world.Key);
        using var customer = world.Customer();
        await customer.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = world.Key.KeyIdentifier, RotationPeriodInDays = 90 }, Stop);

        foreach (var round in Enumerable.Range(0, 3))
        {
            var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));
            Assert.Equal((round, "Enabled", true), (round, check.Facts.State, check.Facts.Rotation!.Enabled));
            Assert.NotNull(check.Facts.Rotation.Next);
        }
        Assert.Equal((1, 1, 1), (world.Asked("DescribeKey"), world.Asked("GetKeyRotationStatus"), world.Asked("ListKeyRotations")));

        await customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = world.Key.KeyIdentifier }, Stop);
        world.Time.Advance(TimeSpan.FromMinutes(61));
        var later = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));
        Assert.Equal(2, world.Asked("DescribeKey"));
        Assert.NotNull(later.Facts.Rotation!.Last);
    }

    [Fact]
    public async Task A_key_with_imported_material_has_no_rotation_and_that_is_no_failure()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world, world.Key);
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "GetKeyRotationStatus", Code = "UnsupportedOperationException" });

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

        Assert.IsType<KeyVerdict.Valid>(check.Verdict);
        Assert.Equal(("Enabled", null), (check.Facts.State, check.Facts.Rotation));
    }

    [Fact]
    public async Task Old_material_still_opens_after_a_rotation_and_new_wraps_name_the_new_one()
    {
        await using var world = await AwsWorld.StartAsync();
        var before = await WrapAsync(world, world.Key);
        using var customer = world.Customer();
        await customer.RotateKeyOnDemandAsync(new RotateKeyOnDemandRequest { KeyId = world.Key.KeyIdentifier }, Stop);

        var after = await WrapAsync(world, world.Key);

        Assert.NotEqual(before.KeyVersion, after.KeyVersion);
        Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, before, Context, Stop))).Value);
    }

    [Fact]
    public async Task What_aws_asks_to_wait_beyond_the_budget_is_not_waited_for()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world, world.Key);
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "Decrypt", Code = "ThrottlingException", RetryAfterSeconds = 60 });
        world.Kms.Requests.Clear();

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

        Assert.Equal(UnknownReason.Throttled, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal(1, world.Asked("Decrypt"));
    }

    private static async Task<CustomerKey.Aws> ByAccessKeyAsync(AwsWorld world, string secret)
    {
        await world.Store.PutAsync("aws-secret", Encoding.UTF8.GetBytes(secret), Stop);
        return world.AwsKey with { Access = new AwsAccess.AccessKey(world.Kms.CustomerKey.AccessKeyId, "aws-secret") };
    }

    private static async Task<WrappedKey> WrapAsync(AwsWorld world, CustomerKey key) => (await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop))).Value!;
}
