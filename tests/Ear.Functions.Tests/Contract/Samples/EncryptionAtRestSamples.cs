using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class EncryptionAtRestSamples
{
    public static IEnumerable<Sample> List { get; } =
    [
        new("getGroupEncryptionAtRest", "2023-01-01", async (doors, owner) =>
        {
            await doors.EnableAwsAsync(owner);
            return new SampleRequest($"{doors.Group}/encryptionAtRest");
        }),
        new("updateGroupEncryptionAtRest", "2023-01-01", async (doors, owner) =>
        {
            var role = await doors.AuthorizedRoleAsync(owner);
            return new SampleRequest($"{doors.Group}/encryptionAtRest",
                $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"},"azureKeyVault":{},"googleCloudKms":{}}""");
        }),
    ];
}
