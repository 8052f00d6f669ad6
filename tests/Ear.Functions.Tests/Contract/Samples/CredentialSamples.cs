using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class CredentialSamples
{
    private const string First = "2023-01-01";
    private const string Accounts = "2024-08-05";
    private const string Key = """{"desc":"terraform","roles":["GROUP_CLUSTER_MANAGER"]}""";
    private const string Account = """{"name":"ci","description":"Builds, and tests","roles":["GROUP_READ_ONLY"],"secretExpiresAfterHours":8}""";

    public static IEnumerable<Sample> List { get; } =
    [
        Sample.Of("listGroupApiKeys", First, Keys),
        Sample.Of("createGroupApiKey", First, Keys, Key),
        new("updateGroupApiKey", First, async (doors, owner) => new(await KeyAsync(doors, owner), """{"desc":"y","roles":["GROUP_READ_ONLY"]}""")),
        new("removeGroupApiKey", First, async (doors, owner) => new(await KeyAsync(doors, owner))),
        new("listGroupServiceAccounts", Accounts, async (doors, owner) =>
        {
            await AccountAsync(doors, owner);
            return new(AccountsPath(doors));
        }),
        Sample.Of("createGroupServiceAccount", Accounts, AccountsPath, Account),
        new("getGroupServiceAccount", Accounts, async (doors, owner) => new((await AccountAsync(doors, owner)).Path)),
        new("updateGroupServiceAccount", Accounts, async (doors, owner) => new((await AccountAsync(doors, owner)).Path, """{"name":"cd"}""")),
        new("deleteGroupServiceAccount", Accounts, async (doors, owner) => new((await AccountAsync(doors, owner)).Path)),
        new("createGroupServiceAccountSecret", Accounts, async (doors, owner) => new($"{(await AccountAsync(doors, owner)).Path}/secrets", """{"secretExpiresAfterHours":24}""")),
        new("deleteGroupServiceAccountSecret", Accounts, async (doors, owner) =>
        {
            var (path, secret) = await AccountAsync(doors, owner);
            await owner.SendJsonAsync(HttpMethod.Post, $"{path}/secrets", """{"secretExpiresAfterHours":24}""");
            return new($"{path}/secrets/{secret}");
        }),
        new("createOAuthToken", "", (_, _) => Task.FromResult(new SampleRequest("/api/oauth/token", Form: "grant_type=client_credentials"))),
        new("revokeOAuthToken", "", (_, _) => Task.FromResult(new SampleRequest("/api/oauth/revoke", Form: "token=none"))),
    ];

    private static string Keys(Doors doors) => $"{doors.Group}/apiKeys";

    private static string AccountsPath(Doors doors) => $"{doors.Group}/serviceAccounts";

    private static async Task<string> KeyAsync(Doors doors, HttpClient owner)
        => $"{Keys(doors)}/{(await owner.SendJsonAsync(HttpMethod.Post, Keys(doors), Key)).Text("id")}";

    private static async Task<(string Path, string Secret)> AccountAsync(Doors doors, HttpClient owner)
    {
        var made = await owner.SendJsonAsync(HttpMethod.Post, AccountsPath(doors), Account);
        return ($"{AccountsPath(doors)}/{made.Text("clientId")}", made.Body!["secrets"]![0]!["id"]!.GetValue<string>());
    }
}
