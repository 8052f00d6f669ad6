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
    [InlineData("/faults", """{"aws":{"rules":[{"operation":"Decrypt"}]}}""", "a rule needs a code, a delayMilliseconds or a reset.")]
    [InlineData("/faults", """{"aws":{"rules":[{"code":"X","status":200}]}}""", "status must be between 400 and 599.")]
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

    private static async Task FaultAsync(KmsWorld world, object rule) =>
        (await world.PutAsync("/faults", new { aws = new { rules = new[] { rule } } })).EnsureSuccessStatusCode();
}
