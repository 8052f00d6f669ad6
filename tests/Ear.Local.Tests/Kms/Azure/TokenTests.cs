using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Azure.Entra;
using Ear.Local.Kms.Control;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>Entra's token endpoint, and what the vault says to tokens.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_request_without_a_token_is_told_where_to_get_one()
    {
        await using var world = await AzureWorld.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{world.Address.VaultUrl}/keys/orders/wrapkey?api-version=7.4");

        var answer = await world.SendAsync(request);

        Assert.Equal((401, "Unauthorized", null, "AKV10000: Request is missing a Bearer or PoP token."), answer.Error);
        Assert.Equal($"Bearer authorization=\"{world.Address.VaultUrl}/{world.Address.TenantId}\", resource=\"https://vault.azure.net\"", answer.Headers.WwwAuthenticate.ToString());
        foreach (var header in (string[])["x-ms-request-id", "x-ms-keyvault-region", "x-ms-keyvault-service-version"])
            Assert.NotEmpty(Assert.Single(answer.Headers.GetValues(header)));
        Assert.Contains("addr=127.0.0.1;", Assert.Single(answer.Headers.GetValues("x-ms-keyvault-network-info")));
    }

    [Fact]
    public async Task A_token_is_made_out_to_the_vault_for_an_hour()
    {
        await using var world = await AzureWorld.StartAsync();

        var (status, body) = await world.TokenAsync();

        Assert.Equal((HttpStatusCode.OK, "Bearer", 3599), (status, body.GetProperty("token_type").GetString(), body.GetProperty("expires_in").GetInt32()));
        var token = Jwt.Parse(body.GetProperty("access_token").GetString()!)!;
        Assert.Equal(("https://vault.azure.net", world.Address.ClientId, world.Address.TenantId), (token.Claim("aud"), token.Claim("appid"), token.Claim("tid")));
        using var keys = JsonDocument.Parse(await world.Http.GetStringAsync($"{world.Address.Authority}/discovery/v2.0/keys"));
        var published = keys.RootElement.GetProperty("keys")[0];
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(published, "n"), Exponent = Bytes(published, "e") });
        Assert.True(token.IsSignedBy(rsa));
    }

    [Theory]
    [InlineData("client_secret", "wrong", 401, "invalid_client", 7000215)]
    [InlineData("client_secret", null, 401, "invalid_client", 7000218)]
    [InlineData("client_id", "00000000-0000-0000-0000-000000000000", 400, "unauthorized_client", 700016)]
    [InlineData("client_id", null, 400, "invalid_request", 900144)]
    [InlineData("grant_type", "password", 400, "unsupported_grant_type", 70003)]
    [InlineData("scope", "https://vault.azure.net", 400, "invalid_scope", 1002012)]
    [InlineData("scope", "https://elsewhere.example/.default", 400, "invalid_resource", 500011)]
    public async Task A_request_for_a_token_that_is_wrong_is_refused_with_its_number(string field, string? value, int status, string error, int number)
    {
        await using var world = await AzureWorld.StartAsync();

        AssertRefused(await world.TokenAsync(null, (field, value)), status, error, number);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", 90002)]
    [InlineData("elsewhere.example", 90002)]
    [InlineData("nonsense", 900023)]
    public async Task A_tenant_that_is_not_here_is_not_found(string tenant, int number)
    {
        await using var world = await AzureWorld.StartAsync();

        AssertRefused(await world.TokenAsync(tenant), 400, "invalid_request", number);
        using var configuration = await world.Http.GetAsync($"{world.Address.VaultUrl}/{tenant}/v2.0/.well-known/openid-configuration");
        Assert.Equal(HttpStatusCode.BadRequest, configuration.StatusCode);
    }

    [Fact]
    public async Task What_happens_to_an_application_is_seen_by_its_next_request_for_a_token()
    {
        await using var world = await AzureWorld.StartAsync();
        var (id, applications) = (world.Address.ClientId, world.Service.Applications);

        applications.ExpireSecrets(id, DateTimeOffset.UtcNow);
        AssertRefused(await world.TokenAsync(), 401, "invalid_client", 7000222);
        applications.Change(id, a => a with { Enabled = false });
        AssertRefused(await world.TokenAsync(), 400, "unauthorized_client", 7000112);
        applications.Change(id, a => a with { Enabled = true });
        applications.ExpireSecrets(id, DateTimeOffset.UtcNow.AddDays(1));
        world.Service.TokenEndpoint.BlockedByConditionalAccess = true;
        AssertRefused(await world.TokenAsync(), 400, "invalid_grant", 53003);
        world.Service.TokenEndpoint.BlockedByConditionalAccess = false;
        Assert.Equal(HttpStatusCode.OK, (await world.TokenAsync()).Status);
    }

    [Fact]
    public async Task Ears_own_application_is_let_in_while_the_tenant_has_a_service_principal_for_it()
    {
        await using var world = await AzureWorld.StartAsync();
        (string, string?)[] ear = [("client_id", world.Service.EarAppId), ("client_secret", world.Service.EarAppSecret)];
        var token = await world.AccessTokenAsync(ear);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys", token)).Status);

        world.Service.Applications.Change(world.Service.EarAppId, a => a with { HasServicePrincipal = false });

        AssertRefused(await world.TokenAsync(null, ear), 400, "unauthorized_client", 700016);
    }

    [Fact]
    public async Task An_assertion_is_taken_from_a_registered_key_alone()
    {
        await using var world = await AzureWorld.StartAsync();
        using var key = RSA.Create(2048);
        using var other = RSA.Create(2048);
        var id = world.Service.EarAppId;
        world.Service.Applications.Change(id, a => a with { Keys = [ClientKey.Of("k1", key), ClientKey.Of("k2", key, new Federation("https://cluster.example", "ear"))] });
        var audience = $"{world.Address.Authority}/oauth2/v2.0/token";

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(key, "k1", id, id, audience)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(key, "k2", "https://cluster.example", "ear", "api://AzureADTokenExchange")).Status);
        AssertRefused(await AskAsync(other, "k1", id, id, audience), 401, "invalid_client", 700027);
        AssertRefused(await AskAsync(key, "k3", id, id, audience), 401, "invalid_client", 700027);
        AssertRefused(await AskAsync(key, "k1", "someone", id, audience), 401, "invalid_client", 700021);
        AssertRefused(await AskAsync(key, "k1", id, id, "https://elsewhere.example"), 401, "invalid_client", 700023);
        AssertRefused(await AskAsync(key, "k2", "https://cluster.example", "another", "api://AzureADTokenExchange"), 401, "invalid_client", 70021);
        AssertRefused(await AskAsync(key, "k1", id, id, audience, minutes: -1), 401, "invalid_client", 700024);

        Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(RSA with, string kid, string issuer, string subject, string to, int minutes = 10)
        {
            var claims = new JsonObject { ["iss"] = issuer, ["sub"] = subject, ["aud"] = to, ["exp"] = DateTimeOffset.UtcNow.AddMinutes(minutes).ToUnixTimeSeconds() };
            return world.TokenAsync(
                null, ("client_id", id), ("client_secret", null), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", Jwt.Sign(new JsonObject { ["alg"] = "RS256", ["kid"] = kid }, claims, with)));
        }
    }

    [Fact]
    public async Task The_vault_takes_no_token_for_another_audience_tenant_or_time_and_none_that_was_changed()
    {
        await using var world = await AzureWorld.StartAsync();
        var (tokens, tenant) = (world.Service.Tokens, world.Address.TenantId);
        var customer = world.Service.Applications.Find(world.Address.ClientId)!;
        var good = tokens.Create(customer, AzureNames.VaultResource);
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys", good)).Status);

        await AssertRefusedAsync(tokens.Create(customer, "https://management.azure.com"), "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com.");
        await AssertRefusedAsync(
            tokens.Create(customer, AzureNames.VaultResource, issuer: EntraTokens.IssuerOf(Guid.Empty.ToString())),
            $"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{tenant}/, found https://sts.windows.net/{Guid.Empty}/.");
        var parts = good.Split('.');
        var forged = Jwt.Sign(new JsonObject { ["alg"] = "RS256" }, new JsonObject { ["aud"] = AzureNames.VaultResource }, RSA.Create(2048)).Split('.');
        await AssertRefusedAsync($"{parts[0]}.{forged[1]}.{parts[2]}", "AKV10046: Unable to resolve the key used for signature validation.");
        await AssertRefusedAsync(string.Join('.', forged), "AKV10046: Unable to resolve the key used for signature validation.");
        await AssertRefusedAsync("nonsense", "AKV10001: Unable to parse JWT token.");

        world.Service.Clock.Offset = TimeSpan.FromMinutes(66);
        await AssertRefusedAsync(good, "[TokenExpired] Error validating token: 'S2S12086'.");
        world.Service.Clock.Offset = TimeSpan.FromMinutes(-6);
        await AssertRefusedAsync(good, "[TokenNotYetValid] Error validating token: 'S2S12087'.");

        async Task AssertRefusedAsync(string token, string text)
        {
            var answer = await world.GetAsync("/keys", token);
            Assert.Equal((401, "Unauthorized", null, text), answer.Error);
            Assert.StartsWith("Bearer authorization=", answer.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task A_fault_of_the_token_endpoint_has_the_form_of_its_errors()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Faults.Add(new FaultRule { Operation = "Token", Code = "temporarily_unavailable", Message = "AADSTS90033: A transient error has occurred.", Status = 503, Times = 1 });

        AssertRefused(await world.TokenAsync(), 503, "temporarily_unavailable", 90033);
        Assert.Equal(HttpStatusCode.OK, (await world.TokenAsync()).Status);
    }

    private static void AssertRefused((HttpStatusCode Status, JsonElement Body) answer, int status, string error, int number)
    {
        Assert.Equal((status, error), ((int)answer.Status, answer.Body.GetProperty("error").GetString()));
        Assert.Equal(number, Assert.Single(answer.Body.GetProperty("error_codes").EnumerateArray()).GetInt32());
        var text = answer.Body.GetProperty("error_description").GetString();
        Assert.StartsWith($"AADSTS{number}: ", text);
        Assert.Contains($"Trace ID: {answer.Body.GetProperty("trace_id").GetString()} Correlation ID: {answer.Body.GetProperty("correlation_id").GetString()} Timestamp: {answer.Body.GetProperty("timestamp").GetString()}", text);
    }

    private static byte[] Bytes(JsonElement key, string name) => System.Buffers.Text.Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
}
