using System.Text;
using Ear.CustomerKeys;
using Microsoft.AspNetCore.Http;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>A vault, or what pretends to be one, that does not keep to its API: never a crash, never a no.</summary>
public sealed class StrangeAnswersTests
{
    public static TheoryData<string> Broken => ["empty", "no json", "half json", "no value", "not base64url", "ten megabytes", "half sent", "numbers for names", "a list"];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_answer_is_the_providers_fault(string kind)
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Vault = http => BrokenAsync(http, kind);

        var check = await azure.CheckAsync();

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_no_answer()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Vault = http =>
        {
            http.Response.Redirect($"https://{azure.Authority}/elsewhere");
            return Task.CompletedTask;
        };

        var check = await azure.CheckAsync();

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.DoesNotContain(azure.Requests, r => r.Contains("elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_request_to_a_vault_has_neither_token_nor_body_and_the_challenge_is_kept()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Vault = http => BrokenAsync(http, "no value");
        const string Unwrap = "POST /keys/orders/0123456789abcdef0123456789abcdef/unwrapkey";

        await azure.CheckAsync();

        Assert.Equal([Unwrap, $"{Unwrap} token body", $"{Unwrap} token body", $"{Unwrap} token body"], azure.Requests);
    }

    [Fact]
    public async Task A_vault_of_another_tenant_is_named_as_such_and_sent_no_token()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Challenge = "Bearer authorization=\"https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555\", resource=\"https://vault.azure.net\"";

        var invalid = Assert.IsType<KeyVerdict.Invalid>((await azure.CheckAsync()).Verdict);

        Assert.Equal(InvalidReason.CredentialsInvalid, invalid.Reason);
        Assert.Contains("another tenant", invalid.Detail);
        Assert.DoesNotContain(azure.Requests, r => r.Contains("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_challenge_for_another_resource_gets_no_token()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Challenge = $"Bearer authorization=\"https://login.microsoftonline.com/{StubAzure.Tenant}\", resource=\"https://graph.microsoft.com\"";

        var check = await azure.CheckAsync();

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.DoesNotContain(azure.Requests, r => r.Contains("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vault_that_asks_for_claims_gets_one_fresh_token_and_its_asking_is_no_refusal()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Vault = http =>
        {
            var claims = Convert.ToBase64String("""{"access_token":{"nbf":{"essential":true,"value":"1"}}}"""u8);
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"https://login.microsoftonline.com/{StubAzure.Tenant}\", error=\"insufficient_claims\", claims=\"{claims}\"";
            return Task.CompletedTask;
        };

        var check = await azure.CheckAsync();

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal(2, azure.Tokens);
    }

    [Fact]
    public async Task A_vault_that_asks_for_patience_gets_it()
    {
        await using var azure = await StubAzure.StartAsync();
        azure.Vault = http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "60";
            return Task.CompletedTask;
        };

        var check = await azure.CheckAsync();

        Assert.Equal(UnknownReason.Throttled, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.Equal(1, azure.Requests.Count(r => r.Contains("token", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_one_vault_is_asked_is_bounded_by_its_quota()
    {
        await using var azure = await StubAzure.StartAsync(o => o.CallsPerSecond = 1.25);
        azure.Vault = http => BrokenAsync(http, "no value");
        var before = azure.Time.GetUtcNow();

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>((await azure.CheckAsync()).Verdict).Reason);

        // Three tries of one check, 0.8 s apart.
        Assert.InRange(azure.Time.GetUtcNow() - before, TimeSpan.FromSeconds(1.6), TimeSpan.FromSeconds(10));
    }

    private static async Task BrokenAsync(HttpContext http, string kind)
    {
        var text = kind switch
        {
            "no json" => "<html></html>",
            "half json" => "{\"kid\":",
            "no value" => "{\"kid\":\"https://localhost/keys/a/b\"}",
            "not base64url" => "{\"kid\":\"https://localhost/keys/a/b\",\"value\":\"***\"}",
            "numbers for names" => "{\"kid\":1,\"value\":2}",
            "a list" => "[]",
            "ten megabytes" => new string(' ', 10 * 1024 * 1024),
            _ => "",
        };
        if (kind == "half sent")
        {
            http.Response.ContentLength = 1_000;
            await http.Response.WriteAsync("{\"kid\":");
            await http.Response.Body.FlushAsync();
            // The half must have arrived: a reset also takes away what is still on its way.
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            http.Abort();
            return;
        }
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
    }
}
