using Ear.Alerts;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class AlertSamples
{
    private const string Version = "2023-01-01";

    private const string Rotation = """
        {"eventTypeName":"AWS_ENCRYPTION_KEY_NEEDS_ROTATION","enabled":true,"threshold":{"operator":"GREATER_THAN","units":"DAYS","threshold":30},
        "notifications":[{"typeName":"GROUP","emailEnabled":true,"smsEnabled":false,"intervalMin":60,"delayMin":0,"roles":["GROUP_OWNER"]},
        {"typeName":"WEBHOOK","webhookUrl":"https://hooks.example.com/ear","webhookSecret":"not-a-real-key","intervalMin":60,"delayMin":0}]}
        """;

    private const string Taken = """{"acknowledgedUntil":"2026-03-20T00:00:00Z","acknowledgementComment":"on it"}""";

    public static IEnumerable<Sample> List { get; } =
    [
        Sample.Of("listGroupAlertConfigs", Version, Configs),
        Sample.Of("createGroupAlertConfig", Version, Configs, Rotation),
        new("getGroupAlertConfig", Version, async (doors, owner) => new(await ConfigAsync(doors, owner))),
        new("updateGroupAlertConfig", Version, async (doors, owner) => new(await ConfigAsync(doors, owner), Rotation)),
        new("toggleGroupAlertConfig", Version, async (doors, owner) => new(await ConfigAsync(doors, owner), """{"enabled":false}""")),
        new("deleteGroupAlertConfig", Version, async (doors, owner) => new(await ConfigAsync(doors, owner))),
        new("getGroupAlertConfigAlerts", Version, async (doors, owner) => new($"{await ConfigAsync(doors, owner)}/alerts")),
        Sample.Of("listAlertConfigMatcherFieldNames", Version, _ => "/api/atlas/v2/alertConfigs/matchers/fieldNames"),
        new("listGroupAlerts", Version, async (doors, _) =>
        {
            await AlertAsync(doors);
            return new($"{doors.Group}/alerts");
        }),
        new("getGroupAlert", Version, async (doors, _) => new(await AlertAsync(doors))),
        new("getGroupAlertAlertConfigs", Version, async (doors, _) => new($"{await AlertAsync(doors)}/alertConfigs")),
        .. Sample.InEach("acknowledgeGroupAlert", [Version, "2024-05-30"], async (doors, _) => new(await AlertAsync(doors), Taken)),
        new("listGroupEvents", Version, async (doors, owner) =>
        {
            await doors.EnableAwsAsync(owner);
            return new($"{doors.Group}/events");
        }),
        new("getGroupEvent", Version, async (doors, owner) =>
        {
            await doors.EnableAwsAsync(owner);
            var events = await owner.GetAsync($"{doors.Group}/events", Doors.Json);
            return new($"{doors.Group}/events/{events.Body!["results"]![0]!["id"]}");
        }),
    ];

    private static string Configs(Doors doors) => $"{doors.Group}/alertConfigs";

    private static async Task<string> ConfigAsync(Doors doors, HttpClient owner)
        => $"{Configs(doors)}/{(await owner.SendJsonAsync(HttpMethod.Post, Configs(doors), Rotation)).Text("id")}";

    private static async Task<string> AlertAsync(Doors doors)
    {
        var now = doors.Time.GetUtcNow();
        var alert = new Alert(AlertId.FromValid(new string('a', 24)), doors.First.ProjectId, "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED", "one", AlertStatus.Open, now, now);
        await doors.Store.SaveAsync(alert, 0, [], TestContext.Current.CancellationToken);
        return $"{doors.Group}/alerts/{alert.Id}";
    }
}
