using System.Net;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Ear.Sdk.Tests.KeyVault;

/// <summary>The vault's REST API and its challenge as the official client speaks them (spec kms §1.2).</summary>
public sealed class KeyClientTests
{
    private const string Kid = "https://orders.vault.azure.net/keys/orders/0123456789abcdef0123456789abcdef";
    private const string Bundle = $$$"""{"key":{"kid":"{{{Kid}}}","kty":"RSA-HSM","key_ops":["wrapKey","unwrapKey"],"n":"AQAB","e":"AQAB"},"attributes":{"enabled":false,"nbf":100,"exp":200,"created":50}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_read_with_its_attributes()
    {
        var vault = new Vault(Bundle + "}");

        var key = (await vault.Client().GetKeyAsync("orders", "0123456789abcdef0123456789abcdef", Stop)).Value;

        Assert.Equal((new Uri(Kid), KeyType.RsaHsm, false), (key.Properties.Id, key.KeyType, key.Properties.Enabled));
        Assert.Equal([KeyOperation.WrapKey, KeyOperation.UnwrapKey], key.KeyOperations);
        Assert.Equal((100, 200, 50), (key.Properties.NotBefore!.Value.ToUnixTimeSeconds(), key.Properties.ExpiresOn!.Value.ToUnixTimeSeconds(), key.Properties.CreatedOn!.Value.ToUnixTimeSeconds()));
        Assert.Equal("GET /keys/orders/0123456789abcdef0123456789abcdef?api-version=7.4 Bearer token", vault.Requests[^1]);
    }

    [Fact]
    public async Task A_deleted_key_tells_when_it_is_purged()
    {
        var vault = new Vault(Bundle + ""","recoveryId":"https://orders.vault.azure.net/deletedkeys/orders","deletedDate":300,"scheduledPurgeDate":400}""");

        var key = (await vault.Client().GetDeletedKeyAsync("orders", Stop)).Value;

        Assert.Equal((300, 400), (key.DeletedOn!.Value.ToUnixTimeSeconds(), key.ScheduledPurgeDate!.Value.ToUnixTimeSeconds()));
        Assert.Equal("GET /deletedkeys/orders?api-version=7.4 Bearer token", vault.Requests[^1]);
    }

    [Fact]
    public async Task A_rotation_policy_is_read()
    {
        var vault = new Vault("""{"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Rotate"}}],"attributes":{"expiryTime":"P2Y"}}""");

        var policy = (await vault.Client().GetKeyRotationPolicyAsync("orders", Stop)).Value;

        Assert.Equal(("P2Y", "P30D", null, KeyRotationPolicyAction.Rotate), (policy.ExpiresIn, policy.LifetimeActions[0].TimeBeforeExpiry, policy.LifetimeActions[0].TimeAfterCreate, policy.LifetimeActions[0].Action));
    }

    [Fact]
    public async Task Wrapping_goes_to_the_service_and_its_body_only_with_a_token()
    {
        var vault = new Vault($$"""{"kid":"{{Kid}}","value":"_-8"}""");
        var client = vault.Client().GetCryptographyClient("orders");

        var wrapped = await client.WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, [255, 239], Stop);
        await client.UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, [1], Stop);

        Assert.Equal((Kid, "FFEF"), (wrapped.KeyId, Convert.ToHexString(wrapped.EncryptedKey)));
        Assert.Equal(
            [
                "POST /keys/orders/wrapkey?api-version=7.4",
                """POST /keys/orders/wrapkey?api-version=7.4 Bearer token {"alg":"RSA-OAEP-256","value":"_-8"}""",
                """POST /keys/orders/unwrapkey?api-version=7.4 Bearer token {"alg":"RSA-OAEP-256","value":"AQ"}""",
            ],
            vault.Requests);
    }

    [Fact]
    public async Task The_challenge_says_which_tenant_and_resource_the_token_is_for()
    {
        var vault = new Vault(Bundle + "}");

        await vault.Client().GetKeyAsync("orders", cancellationToken: Stop);

        Assert.Equal("tenant-1 https://vault.azure.net/.default", Assert.Single(vault.Asked));
    }

    [Fact]
    public async Task A_challenge_for_a_stranger_gets_no_token_unless_that_is_allowed()
    {
        var vault = new Vault(Bundle + "}") { Resource = "https://example.com" };

        await Assert.ThrowsAsync<InvalidOperationException>(() => vault.Client().GetKeyAsync("orders", cancellationToken: Stop));
        Assert.Empty(vault.Asked);
        await vault.Client(o => o.DisableChallengeResourceVerification = true).GetKeyAsync("orders", cancellationToken: Stop);
        Assert.Equal("tenant-1 https://example.com/.default", Assert.Single(vault.Asked));
    }

    [Fact]
    public async Task A_challenge_for_claims_is_answered_with_a_token_that_has_them()
    {
        var vault = new Vault(Bundle + "}") { WantsClaims = true };

        await vault.Client().GetKeyAsync("orders", cancellationToken: Stop);

        Assert.Equal(["tenant-1 https://vault.azure.net/.default", "tenant-1 https://vault.azure.net/.default {\"x\":1}"], vault.Asked);
    }

    [Fact]
    public async Task A_refused_token_is_not_sent_again()
    {
        var vault = new Vault(Bundle + "}") { RefusesTokens = true };

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => vault.Client().GetKeyAsync("orders", cancellationToken: Stop));

        Assert.Equal((401, "Unauthorized", 2), (refused.Status, refused.ErrorCode, vault.Requests.Count));
    }

    private sealed class Vault(string answer) : HttpMessageHandler
    {
        public string Resource { get; init; } = "https://vault.azure.net";

        public bool WantsClaims { get; set; }

        public bool RefusesTokens { get; init; }

        public List<string> Requests { get; } = [];

        /// <summary>Tenant, scope and claims of each token.</summary>
        public List<string> Asked { get; } = [];

        public KeyClient Client(Action<KeyClientOptions>? change = null)
        {
            var options = new KeyClientOptions(KeyClientOptions.ServiceVersion.V7_4) { Transport = new HttpClientTransport(this) };
            options.Retry.MaxRetries = 0;
            change?.Invoke(options);
            return new KeyClient(new Uri("https://orders.vault.azure.net"), new Credential(Asked), options);
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery} {request.Headers.Authorization} {body}".TrimEnd());
            if (request.Headers.Authorization is null || RefusesTokens)
                return Refusal($"Bearer authorization=\"https://login.microsoftonline.com/tenant-1\", resource=\"{Resource}\"");
            if (!WantsClaims)
                return new HttpResponseMessage { Content = new StringContent(answer) };
            WantsClaims = false;
            return Refusal($"Bearer error=\"insufficient_claims\", claims=\"{Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"x\":1}"))}\"");
        }

        private static HttpResponseMessage Refusal(string challenge)
        {
            var refusal = new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("""{"error":{"code":"Unauthorized","message":"no"}}""", Encoding.UTF8, "application/json") };
            refusal.Headers.TryAddWithoutValidation("WWW-Authenticate", challenge);
            return refusal;
        }
    }

    private sealed class Credential(List<string> asked) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            asked.Add($"{requestContext.TenantId} {string.Join(' ', requestContext.Scopes)} {requestContext.Claims}".TrimEnd());
            return new AccessToken("token", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
