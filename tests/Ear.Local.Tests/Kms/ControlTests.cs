using System.Net.Http.Json;
using System.Text.Json;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;

namespace Ear.Local.Tests.Kms;

/// <summary>What the control API breaks, it breaks as the network and AWS would.</summary>
public sealed class ControlTests
{
    [Fact]
    public async Task A_throttle_hits_the_named_operation_on_the_named_key_as_often_as_asked()
    {
        await using var world = await KmsWorld.StartAsync();
        var (throttled, other) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = throttled, Plaintext = Streams.Of("x") });
        await FaultAsync(world, new { operation = "Decrypt", key = throttled[(throttled.LastIndexOf('/') + 1)..], code = "ThrottlingException", message = "Rate exceeded", times = 2 });

        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob }));
            Assert.Equal(("ThrottlingException", "Rate exceeded", System.Net.HttpStatusCode.BadRequest), (refused.ErrorCode, refused.Message, refused.StatusCode));
            await ear.EncryptAsync(new EncryptRequest { KeyId = other, Plaintext = Streams.Of("x") });
        }
        await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob });
    }

    [Fact]
    public async Task A_fault_may_answer_with_a_status_of_the_server()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        await FaultAsync(world, new { operation = "DescribeKey", code = "KMSInternalException", status = 500 });

        Assert.Equal(System.Net.HttpStatusCode.InternalServerError, (await Assert.ThrowsAsync<KMSInternalException>(() => ear.DescribeKeyAsync(arn))).StatusCode);
    }

    [Fact]
    public async Task What_only_one_cloud_has_is_set_and_lifted_by_name()
    {
        await using var world = await KmsWorld.StartAsync();

        using (var put = await world.Control.PutAsJsonAsync($"{world.Kms.Address.Control}/faults", new { azure = new { tls = "BrokenHandshake", network = "Firewall", conditionalAccess = true }, google = new { project = "VpcServiceControls" } }, TestContext.Current.CancellationToken))
            Assert.Equal(System.Net.HttpStatusCode.OK, put.StatusCode);
        Assert.Equal((Ear.Local.Kms.Azure.Tls.TlsFailure.BrokenHandshake, Ear.Local.Kms.Azure.Vault.NetworkRule.Firewall, true), (world.Kms.Azure.TlsFailure, world.Kms.Azure.Access.Network, world.Kms.Azure.TokenEndpoint.BlockedByConditionalAccess));
        Assert.Equal(Ear.Local.Kms.Google.Iam.ProjectMode.VpcServiceControls, world.Kms.Google.Projects[Ear.Local.Kms.Google.GoogleService.CustomerProject]);
        var shown = await world.Control.GetFromJsonAsync<JsonElement>($"{world.Kms.Address.Control}/faults", TestContext.Current.CancellationToken);
        Assert.Equal(("Firewall", "VpcServiceControls"), (shown.GetProperty("azure").GetProperty("network").GetString(), shown.GetProperty("google").GetProperty("project").GetString()));

        using (await world.Control.DeleteAsync($"{world.Kms.Address.Control}/faults", TestContext.Current.CancellationToken))
            Assert.Equal((Ear.Local.Kms.Azure.Tls.TlsFailure.None, Ear.Local.Kms.Google.Iam.ProjectMode.Open), (world.Kms.Azure.TlsFailure, world.Kms.Google.Projects[Ear.Local.Kms.Google.GoogleService.CustomerProject]));
    }

    [Theory]
    [InlineData("""{"aws":{"tls":"BrokenHandshake"}}""", "azure only")]
    [InlineData("""{"azure":{"project":"Deleted"}}""", "google only")]
    [InlineData("""{"oracle":{}}""", "Known: aws, azure, google")]
    [InlineData("""{"azure":{"network":"Moat"}}""", "cannot be read")]
    public async Task What_a_cloud_does_not_have_is_refused_with_what_to_do(string body, string words)
    {
        await using var world = await KmsWorld.StartAsync();
        using var content = new StringContent(body);

        using var answer = await world.Control.PutAsync($"{world.Kms.Address.Control}/faults", content, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", true)]
    public async Task A_reset_breaks_the_connection_before_or_after_the_effect(string when, bool hasEffect)
    {
        await using var world = await KmsWorld.StartAsync();
        using var customer = world.Customer();
        // Without a count: .NET's own HTTP client tries once more when a connection that it had kept breaks.
        await FaultAsync(world, new { operation = "CreateKey", reset = when });

        await Assert.ThrowsAnyAsync<IOException>(() => customer.CreateKeyAsync(new CreateKeyRequest()));

        Assert.Equal(hasEffect, (await customer.ListKeysAsync(new ListKeysRequest())).Keys is { Count: > 0 });
    }

    [Fact]
    public async Task An_answer_may_be_any_text_with_any_status_and_a_time_to_stay_away()
    {
        await using var world = await KmsWorld.StartAsync();
        await FaultAsync(world, new { operation = "ListKeys", body = "<html>busy</html>", contentType = "text/html", status = 503, retryAfterSeconds = 7 });
        using var answer = await RawListKeysAsync(world);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter!.Delta);
        Assert.Equal("<html>busy</html>", await answer.Content.ReadAsStringAsync());
        Assert.Equal("raw body", world.Kms.Requests.All()[^1].Outcome);
    }

    [Fact]
    public async Task A_half_sent_answer_ends_in_the_middle_and_its_operation_is_done()
    {
        await using var world = await KmsWorld.StartAsync();
        using var customer = world.Customer();
        await FaultAsync(world, new { operation = "CreateKey", halfSent = true });

        await Assert.ThrowsAnyAsync<Exception>(() => customer.CreateKeyAsync(new CreateKeyRequest()));

        Assert.Equal("half sent", world.Kms.Requests.All()[^1].Outcome);
        Assert.NotEmpty((await customer.ListKeysAsync(new ListKeysRequest())).Keys);
    }

    [Fact]
    public async Task A_huge_answer_is_as_large_as_asked()
    {
        await using var world = await KmsWorld.StartAsync();
        await FaultAsync(world, new { operation = "ListKeys", hugeMegabytes = 3 });
        using var answer = await RawListKeysAsync(world);

        Assert.Equal(3 * 1024 * 1024, (await answer.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task A_service_that_refuses_is_really_not_listening_and_comes_back_on_its_port()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        await ear.DescribeKeyAsync(arn);
        for (var round = 0; round < 3; round++)
        {
            var endpoint = world.Kms.AwsEndpoint;
            (await world.PutAsync("/faults", new { aws = new { refuse = true } })).EnsureSuccessStatusCode();

            var failed = await Assert.ThrowsAnyAsync<HttpRequestException>(() => ear.DescribeKeyAsync(arn));
            Assert.Contains("refused", failed.ToString());
            Assert.True((await world.Control.GetFromJsonAsync<JsonElement>(world.Kms.Address.Control + "/faults")).GetProperty("aws").GetProperty("refuse").GetBoolean());

            (await world.Control.DeleteAsync(world.Kms.Address.Control + "/faults")).EnsureSuccessStatusCode();
            Assert.Equal(endpoint, world.Kms.AwsEndpoint);
            await ear.DescribeKeyAsync(arn);
        }
    }

    [Fact]
    public async Task The_request_log_tells_who_asked_what_and_how_it_ended_and_no_plaintext()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("very secret") });
        using (var customer = world.Customer())
            await customer.DisableKeyAsync(new DisableKeyRequest { KeyId = arn });
        var refused = await Assert.ThrowsAsync<DisabledException>(() => ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob }));

        var text = await world.Control.GetStringAsync(world.Kms.Address.Control + "/requests");
        var last = JsonDocument.Parse(text).RootElement.GetProperty("requests").EnumerateArray().Last();

        Assert.Equal("Decrypt", last.GetProperty("operation").GetString());
        Assert.Equal("DisabledException", last.GetProperty("outcome").GetString());
        Assert.EndsWith(last.GetProperty("key").GetString()!, arn);
        Assert.Equal("arn:aws:sts::111122223333:assumed-role/ear-encryption-at-rest/ear", last.GetProperty("caller").GetString());
        Assert.Equal(refused.RequestId, last.GetProperty("requestId").GetString());
        Assert.DoesNotContain("very secret", text);
        Assert.DoesNotContain(Convert.ToBase64String("very secret"u8), text);
    }

    [Fact]
    public async Task Faults_are_gone_after_a_restart_and_keys_roles_credentials_sessions_and_ports_are_not()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        (await world.PutAsync("/roles/kept", new { externalId = "one" })).EnsureSuccessStatusCode();
        await FaultAsync(world, new { operation = "Decrypt", code = "ThrottlingException" });
        var before = world.Kms.Address;
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") });

        await world.RestartAsync();

        Assert.Equal(before, world.Kms.Address);
        Assert.Equal("x", (await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob })).Plaintext.Text());
        Assert.Contains("role/kept", await world.Control.GetStringAsync(world.Kms.Address.Control + "/roles/kept"));
    }

    [Theory]
    [InlineData("/faults", """{"aws":{"rules":[{"operation":"Decrypt"}]}}""", "a rule needs a code, a body, a delayMilliseconds, a reset, halfSent, hugeMegabytes or retryAfterSeconds.")]
    [InlineData("/faults", """{"aws":{"rules":[{"code":"X","status":200}]}}""", "status must be between 400 and 599 with a code.")]
    [InlineData("/faults", """{"aws":{"rules":[{"body":"x","status":99}]}}""", "status must be between 200 and 599.")]
    [InlineData("/faults", """{"aws":{"rules":[{"delayMilliseconds":1,"status":500}]}}""", "status needs a code, a body or hugeMegabytes.")]
    [InlineData("/faults", """{"aws":{"rules":[{"body":"x","code":"Y"}]}}""", "exclude each other")]
    [InlineData("/faults", """{"aws":{"rules":[{"hugeMegabytes":2000}]}}""", "hugeMegabytes must be between 1 and 1024.")]
    [InlineData("/faults", """{"aws":{"rules":[{"retryAfterSeconds":-1}]}}""", "retryAfterSeconds must be between 0 and 86400.")]
    [InlineData("/faults", """{"aws":{"rools":[]}}""", "rools")]
    [InlineData("/faults", "nonsense", "cannot be read")]
    [InlineData("/keys/00000000-0000-0000-0000-000000000000/state", """{"state":"Melted"}""", "state must be one of Enabled, Disabled")]
    [InlineData("/roles/bad*name", "{}", "roleName is invalid")]
    public async Task A_wish_that_cannot_be_granted_is_answered_with_what_is_wrong(string path, string body, string words)
    {
        await using var world = await KmsWorld.StartAsync();

        using var answer = await world.Control.PutAsync(world.Kms.Address.Control + path, new StringContent(body));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_page_that_reaches_the_control_port_by_a_name_of_its_own_gets_nothing()
    {
        await using var world = await KmsWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, world.Kms.Address.Control + "/roles");
        request.Headers.Host = "evil.example";

        using var answer = await world.Control.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }

    /// <summary>Signed by the SDK, read without it.</summary>
    private static async Task<HttpResponseMessage> RawListKeysAsync(KmsWorld world)
    {
        var seen = new TaskCompletionSource<HttpResponseMessage>();
        using var customer = new AmazonKeyManagementServiceClient(
            new BasicAWSCredentials(world.Kms.CustomerKey.AccessKeyId, world.Kms.CustomerKey.SecretAccessKey),
            new AmazonKeyManagementServiceConfig { ServiceURL = world.Kms.AwsEndpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, HttpClientFactory = new Tap(seen) });
        await Record.ExceptionAsync(() => customer.ListKeysAsync(new ListKeysRequest()));
        return await seen.Task;
    }

    private sealed class Tap(TaskCompletionSource<HttpResponseMessage> seen) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Copying(seen));

        private sealed class Copying(TaskCompletionSource<HttpResponseMessage> seen) : DelegatingHandler(new SocketsHttpHandler())
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var answer = await base.SendAsync(request, cancellationToken);
                var copy = new HttpResponseMessage(answer.StatusCode) { Content = new ByteArrayContent(await answer.Content.ReadAsByteArrayAsync(cancellationToken)) };
                copy.Content.Headers.ContentType = answer.Content.Headers.ContentType;
                copy.Headers.RetryAfter = answer.Headers.RetryAfter;
                seen.TrySetResult(copy);
                return answer;
            }
        }
    }

    private static async Task FaultAsync(KmsWorld world, object rule) =>
        (await world.PutAsync("/faults", new { aws = new { rules = new[] { rule } } })).EnsureSuccessStatusCode();
}
