using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Projects;

public sealed class ProjectDoorTests
{
    [Fact]
    public async Task Whoever_makes_a_project_is_its_owner()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        var created = await client.SendJsonAsync(HttpMethod.Post, "/api/atlas/v2/groups", $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""");

        Assert.Equal(200, created.Status);
        var path = $"/api/atlas/v2/groups/{created.Text("id")}";
        Assert.Equal(200, (await client.SendJsonAsync(HttpMethod.Post, $"{path}/cloudProviderAccess", """{"providerName":"AWS"}""")).Status);
        Assert.Equal("shop", (await client.GetAsync(path, Doors.Json)).Text("name"));
        var listed = await client.GetAsync("/api/atlas/v2/groups?itemsPerPage=1", Doors.Json);
        Assert.Equal(2, listed.Body!["totalCount"]!.GetValue<int>());
        Assert.Equal("next", listed.Body["links"]![1]!["rel"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("GROUP_OWNER")]
    [InlineData("ORG_MEMBER")]
    [InlineData("ORG_READ_ONLY")]
    public async Task Nobody_below_an_organisations_project_creator_makes_one(string role)
    {
        await using var doors = await Doors.OpenAsync();
        using var client = await doors.AsAsync(role);

        (await client.SendJsonAsync(HttpMethod.Post, "/api/atlas/v2/groups", $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""")).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Theory]
    [InlineData("""{"orgId":"ORG"}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"name":"a/b","orgId":"ORG"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"name":"shop","orgId":"short"}""", "VALIDATION_ERROR")]
    public async Task A_project_that_cannot_be_made_is_refused(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        (await client.SendJsonAsync(HttpMethod.Post, "/api/atlas/v2/groups", body.Replace("ORG", doors.First.OrgId.Value))).Refused(400, code);
    }

    [Fact]
    public async Task A_role_is_made_authorised_shown_and_deleted()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/cloudProviderAccess";

        var made = await owner.SendJsonAsync(HttpMethod.Post, path, """{"providerName":"AWS"}""");
        Assert.Equal("arn:aws:iam::999999999999:role/ear", made.Text("atlasAWSAccountArn"));
        Assert.True(Guid.TryParse(made.Text("atlasAssumedRoleExternalId"), out _));
        Assert.Null(made.Body!["authorizedDate"]);
        var role = made.Text("roleId");
        var authorised = await owner.SendJsonAsync(HttpMethod.Patch, $"{path}/{role}", $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""");
        Assert.Equal("2026-03-01T12:00:00Z", authorised.Text("authorizedDate"));
        Assert.Equal(FakeKms.RoleArn, (await owner.GetAsync($"{path}/{role}", Doors.Json)).Text("iamAssumedRoleArn"));
        Assert.Single((await owner.GetAsync(path, Doors.Json)).Body!["awsIamRoles"]!.AsArray());
        var deleted = await owner.SendJsonAsync(HttpMethod.Delete, $"{path}/AWS/{role}", null);
        Assert.Equal((204, null), (deleted.Status, deleted.Body));
        (await owner.GetAsync($"{path}/{role}", Doors.Json)).Refused(404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND");
        Assert.Equal(
            ["CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_DELETED", "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_UPDATED", "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED"],
            await doors.EventsAsync());
    }

    [Fact]
    public async Task A_role_that_AWS_does_not_let_Ear_assume_stays_unauthorised()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");
        var body = $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""";

        doors.Kms.Roles = new KeyVerdict.Invalid(InvalidReason.CredentialsInvalid, "trust policy");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/cloudProviderAccess/{role}", body)).Refused(400, "CANNOT_ASSUME_ROLE");
        doors.Kms.Roles = new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "timeout");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/cloudProviderAccess/{role}", body)).Refused(503, "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED");

        Assert.Null((await doors.ProjectAsync()).AwsRoles.Single().Authorized);
    }

    [Theory]
    [InlineData("""{}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"providerName":"AZURE"}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"providerName":"AZURE","atlasAzureAppId":"x","servicePrincipalId":"y","tenantId":"z"}""", "VALIDATION_ERROR")]
    [InlineData("""{"providerName":"AZURE","atlasAzureAppId":"aaaaaaaa-0000-0000-0000-000000000009","servicePrincipalId":"aaaaaaaa-0000-0000-0000-000000000002","tenantId":"aaaaaaaa-0000-0000-0000-000000000003"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"providerName":"IBM"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"providerName":1}""", "VALIDATION_ERROR")]
    public async Task A_role_that_cannot_be_is_refused(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", body)).Refused(400, code);
    }

    [Fact]
    public async Task Roles_are_the_Owners_to_change()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");

        (await manager.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", """{"providerName":"AWS"}""")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/cloudProviderAccess/{new string('0', 24)}", "{}")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/cloudProviderAccess/AWS/{new string('0', 24)}", null)).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(200, (await manager.GetAsync($"{doors.Group}/cloudProviderAccess", Doors.Json)).Status);
    }
}
