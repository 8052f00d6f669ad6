using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class PrivateEndpointSamples
{
    private const string Version = "2023-01-01";
    private const string Body = """{"cloudProvider":"AZURE","regionName":"US_EAST_2"}""";

    public static IEnumerable<Sample> List { get; } =
    [
        new("listGroupEncryptionAtRestPrivateEndpoints", Version, async (doors, owner) =>
        {
            await MakeAsync(doors, owner);
            return new(Path(doors));
        }),
        new("createGroupEncryptionAtRestPrivateEndpoint", Version, async (doors, owner) =>
        {
            await PrivateAsync(doors, owner);
            return new(Path(doors), Body);
        }),
        new("getGroupEncryptionAtRestPrivateEndpoint", Version, async (doors, owner) => new($"{Path(doors)}/{await MakeAsync(doors, owner)}")),
        new("requestGroupEncryptionAtRestPrivateEndpointDeletion", Version, async (doors, owner) => new($"{Path(doors)}/{await MakeAsync(doors, owner)}")),
    ];

    private static string Path(Doors doors) => $"{doors.Group}/encryptionAtRest/AZURE/privateEndpoints";

    private static async Task<string> MakeAsync(Doors doors, HttpClient owner)
    {
        await PrivateAsync(doors, owner);
        return (await owner.SendJsonAsync(HttpMethod.Post, Path(doors), Body)).Text("id");
    }

    private static async Task PrivateAsync(Doors doors, HttpClient owner)
    {
        doors.AzureKms.Answers(AzureProject.KeyId, new KeyVerdict.Valid());
        var enabled = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", $$$"""
            {"azureKeyVault":{"enabled":true,"azureEnvironment":"AZURE","clientID":"bbbbbbbb-0000-0000-0000-000000000001","subscriptionID":"bbbbbbbb-0000-0000-0000-000000000002",
            "tenantID":"bbbbbbbb-0000-0000-0000-000000000003","resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{{AzureProject.KeyId}}}","secret":"s","requirePrivateNetworking":true}}
            """);
        Assert.Equal(200, enabled.Status);
    }
}
