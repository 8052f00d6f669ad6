using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;
using Ear.Local.Kms.Control;
using Ear.Providers.AwsKms;
using Ear.Providers.Kms;

namespace Ear.Providers.Tests.AwsKms;

/// <summary>What only AWS has: roles, sessions, deletion dates, a clock that matters.</summary>
public sealed class AwsCustomerKeyTests
{
    private static readonly byte[] Secret = new byte[32];
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_valid_key_costs_one_call_and_many_checks_share_one_session()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.Requests.Clear();
        world.Kms.AwsRoles.Delete("orders");
        world.PutRole();

        // Forty checks that all need a new session at the same moment; one clock for all, or forty of them would run it out.
        await world.InTimeAsync(Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Provider.CheckAsync(world.Key, canary, Context, Stop))));

        Assert.Equal(1, world.Asked("DescribeKey"));
        Assert.Equal(1, world.Asked("AssumeRole"));
        world.Kms.Requests.Clear();
        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);
        Assert.Equal(["Decrypt"], world.Kms.Requests.All().Select(r => r.Operation));
    }

    [Fact]
    public async Task A_session_is_renewed_five_minutes_before_it_ends()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        Assert.Equal(1, world.Asked("AssumeRole"));

        world.Time.Advance(TimeSpan.FromMinutes(54));
        await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));
        Assert.Equal(1, world.Asked("AssumeRole"));

        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));
        Assert.Equal(2, world.Asked("AssumeRole"));
    }

    [Fact]
    public async Task A_session_that_kms_calls_expired_is_replaced_and_the_check_goes_on()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "Decrypt", Code = "ExpiredTokenException", Message = "The security token included in the request is expired", Times = 1 });

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

        Assert.IsType<KeyVerdict.Valid>(check.Verdict);
        Assert.Equal(2, world.Asked("AssumeRole"));
    }

    [Fact]
    public async Task A_session_that_is_expired_however_new_is_our_fault_and_tried_only_once_more()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "Decrypt", Code = "ExpiredTokenException" });
        world.Kms.Requests.Clear();

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal(2, world.Asked("Decrypt"));
    }

    [Fact]
    public async Task A_key_to_be_deleted_tells_until_when_that_can_be_undone()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        using var customer = world.Customer();
        var scheduled = await customer.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = world.Key.KeyIdentifier, PendingWindowInDays = 7 }, Stop);

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

        Assert.Equal(InvalidReason.KeyDeletedOrPendingDeletion, Assert.IsType<KeyVerdict.Invalid>(check.Verdict).Reason);
        Assert.Equal("PendingDeletion", check.Facts.State);
        Assert.Equal(scheduled.DeletionDate!.Value.ToUniversalTime(), check.Facts.DeletionDate!.Value.UtcDateTime, TimeSpan.FromSeconds(1));
        Assert.False(string.IsNullOrEmpty(check.Facts.RequestId));
        Assert.Contains(world.Logged, l => l.Contains("DisabledException", StringComparison.Ordinal) || l.Contains("KMSInvalidStateException", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Logged, l => l.Contains(world.Key.KeyIdentifier, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_no_that_the_keys_own_state_contradicts_is_asked_again()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "Decrypt", Code = "DisabledException", Message = "is disabled.", Times = 1 });

        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);
    }

    [Fact]
    public async Task A_role_that_may_decrypt_and_not_describe_is_enough()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.PutRole(actions: "kms:Decrypt");
        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);

        using var customer = world.Customer();
        await customer.DisableKeyAsync(new DisableKeyRequest { KeyId = world.Key.KeyIdentifier }, Stop);
        Assert.Equal(InvalidReason.KeyDisabled, Assert.IsType<KeyVerdict.Invalid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict).Reason);
    }

    [Fact]
    public async Task Three_throttles_are_unknown_and_two_are_survived()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.AwsFaults.Add(Throttle(2));
        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);

        world.Kms.AwsFaults.Add(Throttle(3));
        world.Kms.Requests.Clear();
        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));
        Assert.Equal(UnknownReason.Throttled, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal(3, world.Asked("Decrypt"));

        static FaultRule Throttle(int times) => new() { Operation = "Decrypt", Code = "ThrottlingException", Message = "Rate exceeded", Times = times };
    }

    [Fact]
    public async Task An_answer_lost_after_its_effect_is_asked_for_again_without_harm()
    {
        await using var world = await AwsWorld.StartAsync();
        world.Kms.AwsFaults.Add(new FaultRule { Operation = "Encrypt", Reset = ConnectionReset.After, Times = 2 });

        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));

        Assert.IsType<KeyVerdict.Valid>(wrapped.Verdict);
        Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped.Value!, Context, Stop))).Value);
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_off_stops_nothing()
    {
        await using var world = await AwsWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Kms.AwsClock.Offset = TimeSpan.FromMinutes(50);

        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);
        // And back: the SDK remembers a clock's error by endpoint, and a later test may be given the same port.
        world.Kms.AwsClock.Offset = TimeSpan.Zero;
        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop))).Verdict);
    }

    [Fact]
    public async Task A_wrong_credential_of_ears_own_is_never_the_customers_fault()
    {
        await using var world = await AwsWorld.StartAsync(o => (o.AccessKeyId, o.SecretAccessKey) = ("AKIAUNKNOWN", "wrong"));

        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        var assumed = await world.InTimeAsync(world.Roles.TryAssumeAsync(world.Role.RoleArn, world.Role.ExternalId, Stop));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(wrapped.Verdict).Reason);
        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(assumed).Reason);
    }

    [Fact]
    public async Task A_role_is_tried_with_its_external_id_each_time()
    {
        await using var world = await AwsWorld.StartAsync();

        Assert.IsType<KeyVerdict.Valid>(await world.InTimeAsync(world.Roles.TryAssumeAsync(world.Role.RoleArn, world.Role.ExternalId, Stop)));
        Assert.IsType<KeyVerdict.Valid>(await world.InTimeAsync(world.Roles.TryAssumeAsync(world.Role.RoleArn, world.Role.ExternalId, Stop)));
        Assert.Equal(2, world.Asked("AssumeRole"));
        var wrong = await world.InTimeAsync(world.Roles.TryAssumeAsync(world.Role.RoleArn, "another", Stop));
        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(wrong).Reason);
        var missing = await world.InTimeAsync(world.Roles.TryAssumeAsync("arn:aws:iam::111122223333:role/missing", world.Role.ExternalId, Stop));
        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(missing).Reason);
    }

    [Fact]
    public async Task A_session_of_ears_can_do_no_more_than_use_keys()
    {
        await using var world = await AwsWorld.StartAsync();
        world.PutRole(actions: "kms:*");
        using var budget = new KmsBudget(TimeSpan.FromSeconds(10), world.Time, Stop);
        using var attempt = new KmsTry<AwsStep>(null, budget, TimeSpan.FromSeconds(3), world.Time);
        var session = await world.Sessions.GetAsync(new RoleName(world.Role.RoleArn, world.Role.ExternalId, "us-east-1"), attempt);

        await session.Kms.DescribeKeyAsync(world.Key.KeyIdentifier, Stop);
        var refused = await Assert.ThrowsAsync<Amazon.KeyManagementService.AmazonKeyManagementServiceException>(() =>
            session.Kms.DisableKeyAsync(new DisableKeyRequest { KeyId = world.Key.KeyIdentifier }, Stop));
        Assert.EndsWith("because no session policy allows the kms:DisableKey action", refused.Message);
    }

    [Fact]
    public void Settings_out_of_bounds_are_all_told_at_once()
    {
        var options = new AwsKmsOptions { AccessKeyId = "AKIA", KmsEndpoint = new Uri("ftp://x"), MaxTries = 9, AttemptTimeout = TimeSpan.FromSeconds(5), Budget = TimeSpan.FromSeconds(4) };

        var result = new AwsKmsOptionsCheck().Validate(null, options);

        Assert.Equal(4, result.Failures!.Count());
        Assert.True(new AwsKmsOptionsCheck().Validate(null, new AwsKmsOptions()).Succeeded);
    }

    private static async Task<WrappedKey> WrapAsync(AwsWorld world)
    {
        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        Assert.Equal(new KeyVerdict.Valid(), answer.Verdict);
        return answer.Value!;
    }
}
