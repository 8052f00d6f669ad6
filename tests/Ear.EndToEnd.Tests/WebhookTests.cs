using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ear.Providers.Tests.Webhooks;

namespace Ear.EndToEnd.Tests;

/// <summary>A key that is disabled at its service is told to a webhook, signed: everything between them is real.</summary>
public sealed class WebhookTests
{
    [Fact]
    public async Task A_disabled_key_reaches_the_webhook_that_was_configured_by_the_next_sweep()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var stop = limit.Token;
        await using var receiver = await Receiver.StartAsync();
        var ear = await RunningEar.StartAsync(stop);
        await using (ear)
        {
            var azure = ear.Ready["kms"]!["azure"]!;
            using var vault = await VaultAdmin.SignInAsync(azure, stop);
            var key = await vault.CreateAsync("orders", stop);
            await ear.Api.SendAsync(HttpMethod.Patch, "encryptionAtRest", new JsonObject { ["azureKeyVault"] = Configuration(azure, key) }, stop);
            await ear.Api.SendAsync(HttpMethod.Post, "alertConfigs", Alerting($"http://127.0.0.1:{receiver.Port}/hidden-path"), stop);

            await vault.EnableAsync(key, false, stop);
            await ear.Api.RunValidationAsync(stop);
            await receiver.ArrivedAsync().WaitAsync(stop);

            var got = receiver.All[0];
#pragma warning disable CA5350 // As Atlas's receivers do.
            Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("not-a-real-key"u8, got.Body)), got.Headers["X-MMS-Signature"]);
#pragma warning restore CA5350
            var body = JsonNode.Parse(got.Body)!;
            Assert.Equal(("alert.open", "AZURE_ENCRYPTION_KEY_INVALID", "OPEN"), (got.Headers["X-MMS-Event"], body["eventTypeName"]!.GetValue<string>(), body["status"]!.GetValue<string>()));
        }
        var log = await ear.ErrorsAsync();
        Assert.Contains("webhook", log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hidden-path", log, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-real-key", log, StringComparison.Ordinal);
    }

    private static JsonObject Configuration(JsonNode azure, string key) => new()
    {
        ["enabled"] = true,
        ["azureEnvironment"] = "AZURE",
        ["keyIdentifier"] = key,
        ["clientID"] = azure["clientId"]!.GetValue<string>(),
        ["tenantID"] = azure["tenantId"]!.GetValue<string>(),
        ["secret"] = azure["clientSecret"]!.GetValue<string>(),
        ["subscriptionID"] = Guid.Empty.ToString(),
        ["resourceGroupName"] = "shop",
        ["keyVaultName"] = "orders",
    };

    private static JsonNode Alerting(string url) => JsonNode.Parse($$"""
        {"eventTypeName":"AZURE_ENCRYPTION_KEY_INVALID","enabled":true,"notifications":[{"typeName":"WEBHOOK","webhookUrl":"{{url}}","webhookSecret":"not-a-real-key"}]}
        """)!;
}
