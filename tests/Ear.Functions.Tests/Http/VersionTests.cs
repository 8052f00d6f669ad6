using Ear.Functions.Http.Requests;
using Ear.Functions.Tests.Http.World;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Tests.Http;

/// <summary>Versions of documents (ETag, If-Match) and of shapes (media types).</summary>
public sealed class VersionTests
{
    private const string Cluster = """{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}""";
    private const string Protect = """{"terminationProtectionEnabled":true}""";

    [Fact]
    public async Task A_cluster_is_changed_and_deleted_only_in_the_version_that_is_meant()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster);
        var path = $"{doors.Group}/clusters/orders";
        var seen = (await owner.GetAsync(path, Doors.Json)).Header("ETag")!;

        var changed = await owner.SendJsonAsync(HttpMethod.Patch, path, Protect, Doors.Json, ("If-Match", $"\"77\", {seen}"));

        Assert.Equal(200, changed.Status);
        Assert.NotEqual(seen, changed.Header("ETag"));
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"terminationProtectionEnabled":false}""", Doors.Json, ("If-Match", seen))).Refused(412, "PRECONDITION_FAILED");
        (await owner.SendJsonAsync(HttpMethod.Delete, path, null, Doors.Json, ("If-Match", seen))).Refused(412, "PRECONDITION_FAILED");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, Protect, Doors.Json, ("If-Match", $"W/{changed.Header("ETag")}"))).Refused(412, "PRECONDITION_FAILED");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, Protect, Doors.Json, ("If-Match", "unquoted"))).Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"terminationProtectionEnabled":false}""", Doors.Json, ("If-Match", "*"))).Status);
        Assert.Equal(202, (await owner.SendJsonAsync(HttpMethod.Delete, path)).Status);
    }

    [Fact]
    public async Task A_key_configuration_is_changed_only_in_the_version_that_is_meant()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/encryptionAtRest";
        var before = (await owner.GetAsync(path, Doors.Json)).Header("ETag")!;
        await doors.EnableAwsAsync(owner);
        const string Off = """{"awsKms":{"enabled":false}}""";

        (await owner.SendJsonAsync(HttpMethod.Patch, path, Off, Doors.Json, ("If-Match", before))).Refused(412, "PRECONDITION_FAILED");
        Assert.True((await doors.ProjectAsync()).EncryptionAtRest.IsEnabled(Ear.CustomerKeys.KeyProvider.Aws));
        var now = (await owner.GetAsync(path, Doors.Json)).Header("ETag")!;

        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, path, Off, Doors.Json, ("If-Match", now))).Status);
    }

    [Theory]
    [InlineData("application/json, application/vnd.atlas.2024-08-05+json", "2024-08-05")]
    [InlineData("application/vnd.atlas.2022-01-01+json, application/vnd.atlas.2023-01-01+json", "2023-01-01")]
    [InlineData("application/vnd.atlas.2023-01-01+json;q=0.5, application/vnd.atlas.2024-08-05+json", "2024-08-05")]
    [InlineData("application/vnd.atlas.2024-08-05+json;q=0, application/vnd.atlas.2023-01-01+json", "2023-01-01")]
    [InlineData("Application/Vnd.Atlas.PREVIEW+JSON", "2024-08-05")]
    [InlineData("application/vnd.atlas.2024-08-05+json+xml", null)]
    [InlineData("x/application/vnd.atlas.2024-08-05+json", null)]
    [InlineData("application/vnd.atlas.+json", null)]
    [InlineData("application/vnd.atlas.2024-08-05+json;q=0", null)]
    public void Of_several_types_the_best_that_is_served_answers(string accept, string? answered)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = accept;

        var version = new MediaVersions("2024-08-05").Deprecated("2023-01-01", sunset: "2027-07-01").Resolve(request);

        Assert.Equal(answered, version.IsOk(out var found, out _) ? $"{found.Date:yyyy-MM-dd}" : null);
    }

    [Fact]
    public async Task A_deprecated_version_answers_and_warns()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var old = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster, "application/vnd.atlas.2024-08-05+json");
        var current = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster.Replace("orders", "others"), "application/vnd.atlas.2024-10-23+json");

        Assert.Equal((201, "@1729641600", "Mon, 01 Mar 2027 00:00:00 GMT"), (old.Status, old.Header("Deprecation"), old.Header("Sunset")));
        Assert.Equal((201, null, null), (current.Status, current.Header("Deprecation"), current.Header("Sunset")));
    }
}
