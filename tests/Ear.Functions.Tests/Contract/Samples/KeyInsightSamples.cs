using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class KeyInsightSamples
{
    public static IEnumerable<Sample> List { get; } =
    [
        new("dryRunGroupEncryptionAtRest", "", async (doors, owner) => new($"{Path(doors)}/dryRun",
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{await doors.AuthorizedRoleAsync(owner)}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}""")),
        Enabled("listGroupEncryptionAtRestVerdicts", "verdicts"),
        Enabled("listGroupEncryptionAtRestVerdictHistory", "verdictHistory"),
        Enabled("getGroupEncryptionAtRestImpact", "AWS/impact"),
    ];

    private static string Path(Doors doors) => $"/api/ear/v1/groups/{doors.First.ProjectId}/encryptionAtRest";

    private static Sample Enabled(string operation, string path) => new(operation, "", async (doors, owner) =>
    {
        await doors.EnableAwsAsync(owner);
        return new($"{Path(doors)}/{path}");
    });
}
