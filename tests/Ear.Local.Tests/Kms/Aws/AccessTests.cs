using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Kms.Aws;

/// <summary>Who may do what: signatures, roles, sessions.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task A_wrong_secret_and_an_unknown_access_key_are_refused_in_different_words()
    {
        await using var world = await KmsWorld.StartAsync();
        using var wrong = world.Client(new BasicAWSCredentials(world.Kms.CustomerKey.AccessKeyId, "wrong"));
        using var unknown = world.Client(new BasicAWSCredentials("AKIAUNKNOWN", "wrong"));

        var first = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => wrong.ListKeysAsync(new ListKeysRequest()));
        var second = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => unknown.ListKeysAsync(new ListKeysRequest()));

        Assert.Equal("InvalidSignatureException", first.ErrorCode);
        Assert.StartsWith("The request signature we calculated does not match", first.Message);
        Assert.Equal("UnrecognizedClientException", second.ErrorCode);
    }

    [Fact]
    public async Task An_unsigned_request_is_refused()
    {
        await using var world = await KmsWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, world.Kms.AwsEndpoint) { Content = new StringContent("{}") };
        request.Headers.Add("X-Amz-Target", "TrentService.ListKeys");

        using var answer = await world.Control.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("MissingAuthenticationTokenException", await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.Contains("x-amzn-RequestId"));
    }

    [Fact]
    public async Task Ears_own_identity_may_assume_roles_and_nothing_else()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var bare = world.Client(new BasicAWSCredentials(world.Kms.ControlPlaneKey.AccessKeyId, world.Kms.ControlPlaneKey.SecretAccessKey));

        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => bare.DescribeKeyAsync(arn));
        Assert.Equal("AccessDeniedException", refused.ErrorCode);
        Assert.Equal($"User: {world.Kms.ControlPlaneArn} is not authorized to perform: kms:DescribeKey on resource: {arn} because no identity-based policy allows the kms:DescribeKey action", refused.Message);
        using var sts = world.Sts();
        Assert.Equal(world.Kms.ControlPlaneArn, (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest())).Arn);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task A_role_is_not_given_without_its_external_id(string? externalId)
    {
        await using var world = await KmsWorld.StartAsync();
        using var sts = world.Sts();

        var refused = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() =>
            sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = world.Kms.Address.Aws.RoleArn, ExternalId = externalId, RoleSessionName = "ear" }));

        Assert.Equal(("AccessDenied", System.Net.HttpStatusCode.Forbidden), (refused.ErrorCode, refused.StatusCode));
        Assert.Contains("sts:AssumeRole", refused.Message);
    }

    [Fact]
    public async Task A_role_that_trusts_somebody_else_and_one_that_does_not_exist_are_refused_in_the_same_words()
    {
        await using var world = await KmsWorld.StartAsync();
        (await world.PutAsync("/roles/other", new { trustedPrincipalArn = "arn:aws:iam::999999999999:root", externalId = "one" })).EnsureSuccessStatusCode();
        using var sts = world.Sts();

        foreach (var role in (string[])["other", "missing"])
        {
            var arn = $"arn:aws:iam::111122223333:role/{role}";
            var refused = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() =>
                sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = arn, ExternalId = "one", RoleSessionName = "ear" }));
            Assert.Equal($"User: {world.Kms.ControlPlaneArn} is not authorized to perform: sts:AssumeRole on resource: {arn}", refused.Message);
        }
    }

    [Fact]
    public async Task A_session_may_do_what_its_role_allows_now()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        (await world.PutAsync("/roles/reader", new { externalId = "one", actions = new[] { "kms:DescribeKey" } })).EnsureSuccessStatusCode();
        using var sts = world.Sts();
        var session = await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/reader", ExternalId = "one", RoleSessionName = "ear" });
        using var reader = world.Client(session.Credentials);

        await reader.DescribeKeyAsync(arn);
        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => reader.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") }));
        Assert.Equal("AccessDeniedException", refused.ErrorCode);

        (await world.PutAsync("/roles/reader", new { externalId = "one", actions = new[] { "kms:Encrypt" } })).EnsureSuccessStatusCode();
        await reader.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") });

        await world.Control.DeleteAsync($"{world.Kms.Address.Control}/roles/reader");
        Assert.Equal("UnrecognizedClientException", (await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => reader.DescribeKeyAsync(arn))).ErrorCode);
    }

    [Fact]
    public async Task A_session_policy_leaves_less_than_the_role_allows()
    {
        await using var world = await KmsWorld.StartAsync();
        var (allowed, other) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var ear = await world.EarAsync(policy: $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"{{allowed}}"}]}""");

        await ear.DescribeKeyAsync(allowed);
        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => ear.DescribeKeyAsync(other));
        Assert.EndsWith("because no session policy allows the kms:DescribeKey action", refused.Message);
    }

    [Fact]
    public async Task A_session_ends_when_it_was_said_to_end()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await KmsWorld.StartAsync(time);
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync(seconds: 900);
        await ear.DescribeKeyAsync(arn);

        // The service's clock runs ahead by less than a signature may be off, and past the end of the session.
        using var sts = world.Sts();
        (await world.PutAsync("/faults", new { aws = new { clockOffsetSeconds = -280 } })).EnsureSuccessStatusCode();
        var early = (await sts.AssumeRoleAsync(new AssumeRoleRequest
        {
            RoleArn = world.Kms.Address.Aws.RoleArn,
            ExternalId = world.Kms.Address.Aws.ExternalId,
            RoleSessionName = "ear",
            DurationSeconds = 900,
        })).Credentials;
        using var shortLived = world.Client(early, retries: 2);
        (await world.PutAsync("/faults", new { aws = new { clockOffsetSeconds = 625 } })).EnsureSuccessStatusCode();

        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => shortLived.DescribeKeyAsync(arn));
        Assert.Equal(("ExpiredTokenException", "The security token included in the request is expired"), (refused.ErrorCode, refused.Message));
    }

    [Theory]
    [InlineData(301, "Signature expired: ")]
    [InlineData(-301, "Signature not yet current: ")]
    public async Task A_clock_that_is_five_minutes_off_is_told_so(int offset, string words)
    {
        await using var world = await KmsWorld.StartAsync();
        (await world.PutAsync("/faults", new { aws = new { clockOffsetSeconds = offset } })).EnsureSuccessStatusCode();
        using var customer = world.Customer();

        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => customer.ListKeysAsync(new ListKeysRequest()));

        Assert.Equal("InvalidSignatureException", refused.ErrorCode);
        Assert.StartsWith(words, refused.Message);
        Assert.Contains("5 min.)", refused.Message);
    }

    [Fact]
    public async Task A_client_that_may_try_again_corrects_its_clock_by_the_date_header()
    {
        await using var world = await KmsWorld.StartAsync();
        (await world.PutAsync("/faults", new { aws = new { clockOffsetSeconds = 3600 } })).EnsureSuccessStatusCode();
        using var customer = world.Client(new BasicAWSCredentials(world.Kms.CustomerKey.AccessKeyId, world.Kms.CustomerKey.SecretAccessKey), retries: 2);

        Assert.Empty((await customer.ListKeysAsync(new ListKeysRequest())).Keys ?? []);
    }
}
