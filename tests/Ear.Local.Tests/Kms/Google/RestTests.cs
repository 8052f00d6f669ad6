using System.Net;
using System.Text;
using System.Text.Json;
using Ear.Local.Kms.Google;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>The REST form on the same port: as gcloud, Python and the fallback of @google-cloud/kms speak it.</summary>
public sealed class RestTests
{
    [Fact]
    public async Task A_key_is_made_used_disabled_and_used_again_over_rest_alone()
    {
        await using var world = await GoogleWorld.StartAsync();

        var ring = await SendAsync(world, HttpMethod.Post, $"/v1/{GoogleWorld.Location}/keyRings?keyRingId=rest&alt=json", "{}");
        var key = await SendAsync(world, HttpMethod.Post, $"/v1/{Name(ring)}/cryptoKeys?cryptoKeyId=k", """{"purpose":"ENCRYPT_DECRYPT"}""");
        Assert.Equal(("ENCRYPT_DECRYPT", "ENABLED"), (key.GetProperty("purpose").GetString(), key.GetProperty("primary").GetProperty("state").GetString()));

        var encrypted = await SendAsync(world, HttpMethod.Post, $"/v1/{Name(key)}:encrypt", """{"plaintext":"MTIzNDU2Nzg5","plaintextCrc32c":"3808858755"}""");
        Assert.True(encrypted.GetProperty("verifiedPlaintextCrc32c").GetBoolean());
        Assert.Equal(JsonValueKind.String, encrypted.GetProperty("ciphertextCrc32c").ValueKind);
        Assert.Equal(Name(key) + "/cryptoKeyVersions/1", Name(encrypted));
        var decrypt = $$"""{"ciphertext":"{{encrypted.GetProperty("ciphertext").GetString()}}"}""";
        var decrypted = await SendAsync(world, HttpMethod.Post, $"/v1/{Name(key)}:decrypt", decrypt);
        Assert.Equal(("MTIzNDU2Nzg5", "3808858755"), (decrypted.GetProperty("plaintext").GetString(), decrypted.GetProperty("plaintextCrc32c").GetString()));

        await SendAsync(world, HttpMethod.Patch, $"/v1/{Name(encrypted)}?updateMask=state", """{"state":"DISABLED"}""");
        var error = await SendAsync(world, HttpMethod.Post, $"/v1/{Name(key)}:decrypt", decrypt, HttpStatusCode.BadRequest);
        Assert.Equal(
            (400, "FAILED_PRECONDITION", $"{Name(encrypted)} is not enabled, current state is: DISABLED."),
            (error.GetProperty("error").GetProperty("code").GetInt32(), error.GetProperty("error").GetProperty("status").GetString(), error.GetProperty("error").GetProperty("message").GetString()));
        await SendAsync(world, HttpMethod.Patch, $"/v1/{Name(encrypted)}?updateMask=state", """{"state":1}""");
        await SendAsync(world, HttpMethod.Post, $"/v1/{Name(key)}:decrypt", decrypt);
    }

    [Theory]
    [InlineData("++//", "--__")]
    [InlineData("+/8=", "-_8")]
    public async Task Both_base64_alphabets_are_understood(string standard, string urlSafe)
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();

        var encrypted = await SendAsync(world, HttpMethod.Post, $"/v1/{key}:encrypt", $$"""{"plaintext":"{{urlSafe}}"}""");
        var ciphertext = encrypted.GetProperty("ciphertext").GetString()!.Replace('+', '-').Replace('/', '_').TrimEnd('=');
        var decrypted = await SendAsync(world, HttpMethod.Post, $"/v1/{key}:decrypt", $$"""{"ciphertext":"{{ciphertext}}"}""");

        Assert.Equal(standard, decrypted.GetProperty("plaintext").GetString());
    }

    [Fact]
    public async Task Enums_are_numbers_for_those_who_ask_so()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();

        foreach (var query in (string[])["$alt=json;enum-encoding=int", "%24alt=json%3Benum-encoding%3Dint"])
            Assert.Equal(1, (await SendAsync(world, HttpMethod.Get, $"/v1/{key}?{query}")).GetProperty("purpose").GetInt32());
    }

    [Fact]
    public async Task A_refusal_has_details_and_a_missing_token_a_challenge()
    {
        await using var world = await GoogleWorld.StartAsync();
        using var ear = new HttpClient { BaseAddress = world.Rest.BaseAddress };
        using var anonymous = await ear.GetAsync($"/v1/{GoogleWorld.Ring}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.StartsWith("Bearer", anonymous.Headers.WwwAuthenticate.ToString());

        ear.DefaultRequestHeaders.Authorization = new("Bearer", await GoogleWorld.TokenAsync(world.Service.EarServiceAccountKeyFile));
        using var forbidden = await ear.GetAsync($"/v1/{GoogleWorld.Ring}", TestContext.Current.CancellationToken);
        var detail = (await forbidden.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Json().GetProperty("error").GetProperty("details")[0];
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal(("type.googleapis.com/google.rpc.ErrorInfo", "IAM_PERMISSION_DENIED"), (detail.GetProperty("@type").GetString(), detail.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_binding_added_as_gcloud_does_it_lets_ear_in()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var policy = await SendAsync(world, HttpMethod.Get, $"/v1/{key}:getIamPolicy?options.requestedPolicyVersion=3");
        var wanted = $$$"""{"policy":{"etag":"{{{policy.GetProperty("etag").GetString()}}}","bindings":[{"role":"roles/cloudkms.cryptoKeyEncrypterDecrypter","members":["serviceAccount:{{{world.Service.EarServiceAccount}}}"]}]}}""";
        await SendAsync(world, HttpMethod.Post, $"/v1/{key}:setIamPolicy", wanted);

        using var ear = new HttpClient { BaseAddress = world.Rest.BaseAddress };
        ear.DefaultRequestHeaders.Authorization = new("Bearer", await GoogleWorld.TokenAsync(world.Service.EarServiceAccountKeyFile));
        using var body = new StringContent("""{"permissions":["cloudkms.cryptoKeyVersions.useToDecrypt","cloudkms.cryptoKeys.update"]}""", Encoding.UTF8, "application/json");
        using var answer = await ear.PostAsync($"/v1/{key}:testIamPermissions", body, TestContext.Current.CancellationToken);
        Assert.Equal("""{ "permissions": [ "cloudkms.cryptoKeyVersions.useToDecrypt" ] }""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/v1/projects/ear-customer/secrets", "", HttpStatusCode.NotFound)]
    [InlineData("POST", $"/v1/{GoogleWorld.Ring}/cryptoKeys/k:sign", "{}", HttpStatusCode.NotFound)]
    [InlineData("POST", $"/v1/{GoogleWorld.Ring}/cryptoKeys/k:encrypt", "[]", HttpStatusCode.BadRequest)]
    [InlineData("POST", $"/v1/{GoogleWorld.Ring}/cryptoKeys/k:encrypt", "{", HttpStatusCode.BadRequest)]
    [InlineData("POST", $"/v1/{GoogleWorld.Ring}/cryptoKeys/k:encrypt", """{"plaintext":"***"}""", HttpStatusCode.BadRequest)]
    [InlineData("GET", $"/v1/projects/{GoogleService.CustomerProject}/locations/global/keyRings?pageSize=many", "", HttpStatusCode.BadRequest)]
    public async Task What_is_not_a_request_is_refused_in_googles_form(string method, string path, string body, HttpStatusCode status)
    {
        await using var world = await GoogleWorld.StartAsync();

        var error = (await SendAsync(world, new HttpMethod(method), path, body, status)).GetProperty("error");
        Assert.Equal((int)status, error.GetProperty("code").GetInt32());
        Assert.Equal(status == HttpStatusCode.NotFound ? "NOT_FOUND" : "INVALID_ARGUMENT", error.GetProperty("status").GetString());
    }

    private static string Name(JsonElement resource) => resource.GetProperty("name").GetString()!;

    private static async Task<JsonElement> SendAsync(GoogleWorld world, HttpMethod method, string path, string? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await world.Rest.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return text.Json();
    }
}
