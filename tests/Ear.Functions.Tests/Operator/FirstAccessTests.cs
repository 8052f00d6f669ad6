using Ear.Functions.Http;
using Ear.Functions.Tests.Http;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Operator;

public sealed class FirstAccessTests
{
    private const string Path = "/api/operator/v1/firstAccess";

    [Fact]
    public async Task Lost_secrets_are_renewed_once_and_open_the_project()
    {
        await using var doors = await Doors.OpenAsync();
        using var operators = doors.WithHostKey(doors.HostKeys.Master);

        var renewed = await operators.SendJsonAsync(HttpMethod.Post, Path, """{"ownerEmails":["owner@example.com"],"renewSecrets":true}""");
        var again = await operators.SendJsonAsync(HttpMethod.Post, Path, """{"ownerEmails":["owner@example.com"]}""");

        Assert.Equal((200, 200), (renewed.Status, again.Status));
        Assert.Equal("no-store", renewed.Message.Headers.CacheControl?.ToString());
        Assert.Equal((doors.First.ProjectId.Value, doors.First.OrgId.Value, doors.First.PublicKey, doors.First.ClientId), (renewed.Text("projectId"), renewed.Text("orgId"), renewed.Text("publicKey"), renewed.Text("clientId")));
        Assert.Equal(doors.Url.ToString(), renewed.Text("baseUrl"));
        using var owner = doors.WithKey(renewed.Text("publicKey"), renewed.Text("privateKey"));
        Assert.Equal(200, (await owner.GetAsync(doors.Group, Doors.Json)).Status);
        using var old = doors.WithKey();
        Assert.Equal(401, (await old.GetAsync(doors.Group, Doors.Json)).Status);
        Assert.Null(again.Body!["privateKey"]);
        Assert.Null(again.Body["clientSecret"]);
        Assert.Equal(["SERVICE_ACCOUNT_SECRET_RENEWED", "API_KEY_SECRET_RENEWED"], await doors.EventsAsync());
    }

    [Theory]
    [InlineData("""{}""", "MISSING_ATTRIBUTE", "ownerEmails")]
    [InlineData("""{"ownerEmails":[]}""", "MISSING_ATTRIBUTE", "ownerEmails")]
    [InlineData("""{"ownerEmails":"owner@example.com"}""", "VALIDATION_ERROR", "ownerEmails")]
    [InlineData("""{"ownerEmails":["owner@example.com","nobody"]}""", "VALIDATION_ERROR", "ownerEmails[1]")]
    [InlineData("""{"ownerEmails":["Owner <owner@example.com>"]}""", "VALIDATION_ERROR", "ownerEmails[0]")]
    [InlineData("""{"ownerEmails":["owner@example.com\r\nBcc: all@example.com"]}""", "VALIDATION_ERROR", "ownerEmails[0]")]
    [InlineData("""{"ownerEmails":["owner@example.com"],"renewSecrets":"yes"}""", "VALIDATION_ERROR", "renewSecrets")]
    [InlineData("""[]""", "MALFORMED_JSON", "")]
    public async Task What_is_no_address_is_refused_and_nothing_is_made(string body, string code, string field)
    {
        await using var doors = await Doors.OpenAsync();
        using var operators = doors.WithHostKey(doors.HostKeys.Master);
        var before = doors.Store.Everything;

        var answer = await operators.SendJsonAsync(HttpMethod.Post, Path, body);

        answer.Refused(400, code);
        Assert.Contains(field, answer.Body!.ToJsonString(), StringComparison.Ordinal);
        Assert.True(doors.Store.IsUnchangedSince(before));
    }

    [Fact]
    public async Task The_address_that_clients_use_is_the_public_one()
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { [$"{DoorOptions.Section}:PublicBaseUrl"] = "https://ear.example.com" });
        using var operators = doors.WithHostKey(doors.HostKeys.Master);

        Assert.Equal("https://ear.example.com/", (await operators.SendJsonAsync(HttpMethod.Post, Path, """{"ownerEmails":["owner@example.com"]}""")).Text("baseUrl"));
    }
}
