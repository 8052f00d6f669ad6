using Ear.CustomerKeys;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Tests.Http.World;
using Ear.PrivateEndpoints;

namespace Ear.Functions.Tests.PrivateEndpoints;

public sealed class PrivateEndpointsDoorTests
{
    [Fact]
    public async Task A_new_endpoint_is_taken_on_told_and_listed()
    {
        await using var project = await AzureProject.OpenAsync();

        var made = await project.PostAsync();

        Assert.Equal(202, made.Status);
        Assert.Equal($$"""{"cloudProvider":"AZURE","id":"{{made.Text("id")}}","regionName":"US_EAST_2","status":"INITIATING"}""", made.Body!.ToJsonString());
        Assert.Equal(made.Body.ToJsonString(), (await project.GetAsync(PrivateEndpointId.Parse(made.Text("id"), null))).Body!.ToJsonString());
        await project.MakeAsync("UK_SOUTH");
        var page = await project.Owner.GetAsync($"{project.Endpoints}?itemsPerPage=1&pageNum=1", Doors.Json);
        Assert.Equal((2, 1), (page.Body!["totalCount"]!.GetValue<int>(), page.Body["results"]!.AsArray().Count));
        Assert.Equal(["self", "next"], page.Body["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>()));
        Assert.Equal(0, (await project.Owner.GetAsync($"{project.Doors.Group}/encryptionAtRest/AWS/privateEndpoints", Doors.Json)).Body!["totalCount"]!.GetValue<int>());
        Assert.Equal(2, (await project.Doors.EventsAsync()).Count(e => e == "ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_CREATED"));
    }

    [Theory]
    [InlineData("GROUP_CLUSTER_MANAGER")]
    [InlineData("GROUP_READ_ONLY")]
    public async Task Every_door_is_the_Project_Owners(string role)
    {
        await using var project = await AzureProject.OpenAsync();
        var id = await project.MakeAsync();
        using var other = await project.Doors.AsAsync(role);

        foreach (var (method, path, body) in new[] { (HttpMethod.Get, "", null), (HttpMethod.Post, "", "{}"), (HttpMethod.Get, $"/{id}", null), (HttpMethod.Delete, $"/{id}", (string?)null) })
            (await other.SendJsonAsync(method, project.Endpoints + path, body)).Refused(403, "ACCESS_FORBIDDEN");
        using var stranger = await project.Doors.AsAsync();
        (await stranger.GetAsync($"{project.Endpoints}/{id}", Doors.Json)).Refused(401, "NOT_IN_GROUP");
    }

    [Theory]
    [InlineData("AZURE", """{"regionName":"US_EAST_1"}""", "INVALID_REGION")]
    [InlineData("AZURE", """{"regionName":"us-east-2"}""", "INVALID_REGION")]
    [InlineData("AWS", """{"regionName":"US_CENTRAL"}""", "INVALID_REGION")]
    [InlineData("AWS", """{"regionName":"GLOBAL"}""", "INVALID_REGION")]
    [InlineData("AZURE", """{"regionName":7}""", "VALIDATION_ERROR")]
    [InlineData("AZURE", "{}", "MISSING_ATTRIBUTE")]
    [InlineData("AZURE", """{"regionName":"US_EAST_2","cloudProvider":"AWS"}""", "INVALID_ATTRIBUTE")]
    [InlineData("GCP", """{"regionName":"CENTRAL_US"}""", "INVALID_ATTRIBUTE")]
    [InlineData("azure", """{"regionName":"US_EAST_2"}""", "INVALID_ATTRIBUTE")]
    [InlineData("AWS", """{"regionName":"US_EAST_1"}""", "ENCRYPTION_AT_REST_NOT_ENABLED")]
    public async Task What_cannot_be_is_refused(string cloud, string body, string code)
    {
        await using var project = await AzureProject.OpenAsync();

        (await project.Owner.SendJsonAsync(HttpMethod.Post, $"{project.Doors.Group}/encryptionAtRest/{cloud}/privateEndpoints", body)).Refused(400, code);

        Assert.Empty(await ((IPrivateEndpoints)project.Doors.Store).ListAsync(project.Doors.First.ProjectId, default));
    }

    [Fact]
    public async Task A_configuration_without_private_networking_and_a_region_that_is_held_are_said_so()
    {
        await using var open = await AzureProject.OpenAsync(isPrivate: false);
        var refused = await open.PostAsync();
        refused.Refused(400, "INVALID_ATTRIBUTE");
        Assert.Contains("azureKeyVault.requirePrivateNetworking true first", refused.Text("detail"), StringComparison.Ordinal);

        await using var project = await AzureProject.OpenAsync();
        await project.MakeAsync();
        (await project.PostAsync()).Refused(409, "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION");
    }

    [Fact]
    public async Task An_endpoint_is_of_its_project_and_its_provider()
    {
        await using var project = await AzureProject.OpenAsync();
        var id = await project.MakeAsync();

        foreach (var path in new[] { $"AWS/privateEndpoints/{id}", "AZURE/privateEndpoints/aaaaaaaaaaaaaaaaaaaaaaaa", "AZURE/privateEndpoints/nonsense" })
        {
            (await project.Owner.GetAsync($"{project.Doors.Group}/encryptionAtRest/{path}", Doors.Json)).Refused(404, "RESOURCE_NOT_FOUND");
            (await project.Owner.SendJsonAsync(HttpMethod.Delete, $"{project.Doors.Group}/encryptionAtRest/{path}")).Refused(404, "RESOURCE_NOT_FOUND");
        }
        Assert.Equal("INITIATING", await project.StatusAsync(id));
    }

    [Fact]
    public async Task A_deletion_cancels_what_is_still_being_made_and_may_be_told_twice()
    {
        await using var project = await AzureProject.OpenAsync();
        var id = await project.MakeAsync();
        await project.LookAsync(id);

        Assert.Equal(204, (await project.DeleteAsync(id)).Status);
        Assert.Equal("DELETING", await project.StatusAsync(id));
        Assert.Equal(204, (await project.DeleteAsync(id)).Status);
        await project.LookAsync(id);

        Assert.Equal("404", await project.StatusAsync(id));
        (await project.DeleteAsync(id)).Refused(404, "RESOURCE_NOT_FOUND");
        Assert.Equal("ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_DELETED", (await project.Doors.EventsAsync())[0]);
    }

    [Fact]
    public async Task Or_is_refused_as_Atlas_does_where_Ear_is_told_so()
    {
        await using var project = await AzureProject.OpenAsync(
            settings: new Dictionary<string, string?> { [$"{PrivateEndpointOptions.Section}:{nameof(PrivateEndpointOptions.RefuseDeleteDuringProvisioning)}"] = "true" });
        var id = await project.MakeAsync();

        var refused = await project.DeleteAsync(id);
        refused.Refused(400, "ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_DELETE_BLOCKED_DURING_PROVISIONING");
        Assert.Equal($"""[["{id}"]]""", refused.Body!["parameters"]!.ToJsonString());
        await project.BecomesAsync(id, new PrivateLinkSight.Broken("No address is left"));

        var failed = await project.GetAsync(id);
        Assert.Equal(("FAILED", "No address is left."), (failed.Text("status"), failed.Text("errorMessage")));
        Assert.Equal(204, (await project.DeleteAsync(id)).Status);
    }

    [Fact]
    public async Task Where_no_private_link_can_be_made_it_is_said_at_the_configuration_and_at_the_door()
    {
        await using var doors = await Doors.OpenAsync(links: []);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);

        var patched = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"requirePrivateNetworking":true}}""");
        patched.Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal("awsKms.requirePrivateNetworking", patched.Body!["badRequestDetail"]!["fields"]![0]!["field"]!.GetValue<string>());
        var posted = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/encryptionAtRest/AWS/privateEndpoints", """{"regionName":"US_EAST_1"}""");
        posted.Refused(400, "INVALID_ATTRIBUTE");
        Assert.Contains("not run by this Ear", posted.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_of_AWS_needs_nobodys_approval()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"requirePrivateNetworking":true}}""")).Status);

        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/encryptionAtRest/AWS/privateEndpoints", """{"regionName":"us-east-1"}""");

        Assert.Equal((202, "US_EAST_1"), (made.Status, made.Text("regionName")));
        var endpoint = (await ((IPrivateEndpoints)doors.Store).ListAsync(doors.First.ProjectId, default)).Single().Document;
        Assert.Equal((KeyProvider.Aws, "com.amazonaws.us-east-1.kms"), (endpoint.Provider, endpoint.Target));
    }
}
