using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Functions.Tests.Http.World;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Alerts;

/// <summary>Notifications to webhooks, as clients configure them.</summary>
public sealed class WebhookDoorTests
{
    private const string Url = "https://hooks.example.com/services/hidden-path";
    private const string Shown = "https://hooks.example.com/****";
    private const string Key = "not-a-real-key";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>mongodbatlas_alert_configuration sends addresses and secrets whole with each update, and keeps its own when it reads.</summary>
    [Fact]
    public async Task Terraforms_sequence_works_and_no_answer_holds_address_or_secret()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_ALERTS_MANAGER");
        var made = await manager.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", Config(Notification(Url, Key)));
        Assert.Equal(200, made.Status);
        var path = $"{doors.Group}/alertConfigs/{made.Text("id")}";
        var read = await manager.GetAsync(path, Doors.Json);
        Assert.Equal((Shown, "****", 60), (Told(read, "webhookUrl"), Told(read, "webhookSecret"), read.Body!["notifications"]![0]!["intervalMin"]!.GetValue<int>()));

        var changed = read.Body!.DeepClone().AsObject();
        changed["enabled"] = false;
        var whole = Notification(Url, Key);
        whole["notifierId"] = Told(read, "notifierId");
        (whole["roles"], whole["emailEnabled"], whole["smsEnabled"]) = (new JsonArray(), false, false);
        changed["notifications"] = new JsonArray(whole);
        var put = await manager.SendJsonAsync(HttpMethod.Put, path, changed.ToJsonString());
        Assert.Equal((200, Told(read, "notifierId")), (put.Status, Told(put, "notifierId")));
        Assert.Equal(new WebhookAddress(Url, Key), await KeptAsync(doors));

        Assert.All(new[] { made, read, put, await manager.GetAsync($"{doors.Group}/alertConfigs", Doors.Json), await manager.GetAsync($"{doors.Group}/events", Doors.Json) }, a =>
        {
            Assert.DoesNotContain("hidden", a.Body!.ToJsonString());
            Assert.DoesNotContain(Key, a.Body!.ToJsonString());
        });
        Assert.Equal(204, (await manager.SendJsonAsync(HttpMethod.Delete, path)).Status);
        Assert.DoesNotContain(doors.Store.KeptSecrets, s => s.StartsWith("alert-webhooks/", StringComparison.Ordinal));
    }

    /// <summary>What was read, changed, and sent back as it was shown: curl and a console do this.</summary>
    [Fact]
    public async Task What_was_read_can_be_sent_back_and_leaves_address_and_secret()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", Config(Notification(Url, Key)));
        var document = made.Body!.DeepClone().AsObject();
        document["notifications"]![0]!["delayMin"] = 5;

        var put = await owner.SendJsonAsync(HttpMethod.Put, $"{doors.Group}/alertConfigs/{made.Text("id")}", document.ToJsonString());

        Assert.Equal((200, 5, Shown), (put.Status, put.Body!["notifications"]![0]!["delayMin"]!.GetValue<int>(), Told(put, "webhookUrl")));
        Assert.Equal(new WebhookAddress(Url, Key), await KeptAsync(doors));
    }

    [Theory]
    [InlineData("""{"typeName":"WEBHOOK"}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":""}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"http://hooks.example.com/hidden"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/****"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/hidden","webhookSecret":"****"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/hidden","integrationId":"32b6e34b3d91647abb20e7b8"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/hidden","webhookBodyTemplate":"{}"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/hidden","webhookHeadersTemplate":"{}"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"typeName":"WEBHOOK","webhookUrl":["https://hooks.example.com/hidden"]}""", "VALIDATION_ERROR")]
    public async Task What_has_no_effect_or_is_not_whole_is_refused_and_nothing_is_kept(string notification, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var refused = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", Config(JsonNode.Parse(notification)!));

        refused.Refused(400, code);
        Assert.DoesNotContain("/hidden", refused.Body!.ToJsonString());
        Assert.DoesNotContain(doors.Store.KeptSecrets, s => s.StartsWith("alert-webhooks/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_message_is_what_GET_of_the_alert_answers_and_a_text_for_a_person()
    {
        await using var doors = await Doors.OpenAsync(settings: new Dictionary<string, string?> { ["Ear:Http:PublicBaseUrl"] = "https://ear.example.com" });
        using var owner = await doors.OwnerAsync();
        var now = doors.Time.GetUtcNow();
        var alert = new Alert(AlertId.FromValid(new string('a', 24)), doors.First.ProjectId, "AWS_ENCRYPTION_KEY_INVALID", "AWS", AlertStatus.Open, now, now) { LastNotified = now };
        await doors.Store.SaveAsync(alert, 0, [], Cancellation);

        var body = JsonNode.Parse(doors.Services.GetRequiredService<IAlertDocuments>().Of(await doors.ProjectAsync(), alert).Span)!.AsObject();

        Assert.Contains("AWS: the encryption key", body["humanReadable"]!.GetValue<string>());
        body.Remove("humanReadable");
        var read = await owner.GetAsync($"{doors.Group}/alerts/{alert.Id}", Doors.Json);
        Assert.Equal(Sorted(read.Body!.AsObject()), Sorted(body));
    }

    private static string Sorted(JsonObject document) => string.Join('\n', document.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}: {p.Value!.ToJsonString()}"));

    private static JsonNode Notification(string url, string key) => new JsonObject { ["typeName"] = "WEBHOOK", ["webhookUrl"] = url, ["webhookSecret"] = key, ["intervalMin"] = 60, ["delayMin"] = 0 };

    private static string Config(JsonNode notification)
        => new JsonObject { ["eventTypeName"] = "AWS_ENCRYPTION_KEY_INVALID", ["enabled"] = true, ["notifications"] = new JsonArray(notification) }.ToJsonString();

    private static string? Told(Answer answer, string field) => answer.Body!["notifications"]![0]![field]?.GetValue<string>();

    private static async Task<WebhookAddress> KeptAsync(Doors doors)
        => WebhookAddress.FromBox((await doors.Store.FindAsync(Assert.Single(doors.Store.KeptSecrets, s => s.StartsWith("alert-webhooks/", StringComparison.Ordinal)), Cancellation))!);
}
