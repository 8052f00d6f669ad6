using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Http;

public sealed class TokenTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_account_gets_a_token_whether_or_not_its_client_escapes(bool escapes)
    {
        await using var doors = await Doors.OpenAsync();

        var (status, body) = await TokenAsync(doors, "grant_type=client_credentials&scope=x", escapes: escapes);

        Assert.Equal((200, "Bearer", 3600), (status, body!["token_type"]!.GetValue<string>(), body["expires_in"]!.GetValue<int>()));
        using var client = With(doors, body["access_token"]!.GetValue<string>());
        Assert.Equal(200, (await client.GetAsync(doors.Group, Doors.Json)).Status);
    }

    [Theory]
    [InlineData("grant_type=client_credentials", "wrong", 401, "invalid_client")]
    [InlineData("grant_type=password", null, 400, "unsupported_grant_type")]
    [InlineData("scope=x", null, 400, "invalid_request")]
    public async Task What_is_wrong_with_a_token_request_is_said_in_OAuths_words(string form, string? secret, int status, string error)
    {
        await using var doors = await Doors.OpenAsync();

        var answer = await TokenAsync(doors, form, secret);

        Assert.Equal((status, error), (answer.Status, answer.Body!["error"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_expired_token_an_altered_one_and_one_of_nobody_stay_outside()
    {
        await using var doors = await Doors.OpenAsync();
        var token = (await TokenAsync(doors, "grant_type=client_credentials")).Body!["access_token"]!.GetValue<string>();
        using var altered = With(doors, token[..20] + (token[20] == 'x' ? "y" : "x") + token[21..]);
        using var nobody = await doors.WithTokenOfAsync("mdb_sa_id_nobody");
        using var holder = With(doors, token);

        (await altered.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
        (await nobody.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
        Assert.Equal(200, (await holder.GetAsync(doors.Group, Doors.Json)).Status);
        doors.Time.Advance(TimeSpan.FromMinutes(61));
        (await holder.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
    }

    [Fact]
    public async Task A_revoked_token_stays_outside_at_once_and_only_its_own_client_revokes_it()
    {
        await using var doors = await Doors.OpenAsync();
        var token = (await TokenAsync(doors, "grant_type=client_credentials")).Body!["access_token"]!.GetValue<string>();
        using var holder = With(doors, token);

        Assert.Equal(401, (await PostAsync(doors, "/api/oauth/revoke", $"token={token}", "wrong", false)).Status);
        Assert.Equal(200, (await holder.GetAsync(doors.Group, Doors.Json)).Status);
        Assert.Equal(200, (await PostAsync(doors, "/api/oauth/revoke", $"token={token}&token_type_hint=access_token", null, false)).Status);
        (await holder.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
    }

    /// <summary>The document promises Retry-After, which every answer is held against.</summary>
    [Fact]
    public async Task Who_revokes_more_tokens_than_Ear_remembers_is_told_when_to_come_again()
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { ["Ear:Http:RevocationLimit"] = "1" });
        var tokens = new[] { await TokenAsync(doors, "grant_type=client_credentials"), await TokenAsync(doors, "grant_type=client_credentials") }.Select(t => t.Body!["access_token"]!.GetValue<string>()).ToArray();

        Assert.Equal(200, (await PostAsync(doors, "/api/oauth/revoke", $"token={tokens[0]}", null, false)).Status);
        Assert.Equal(429, (await PostAsync(doors, "/api/oauth/revoke", $"token={tokens[1]}", null, false)).Status);
        using var holder = With(doors, tokens[1]);
        Assert.Equal(200, (await holder.GetAsync(doors.Group, Doors.Json)).Status);
    }

    private static Task<(int Status, JsonNode? Body)> TokenAsync(Doors doors, string form, string? secret = null, bool escapes = false)
        => PostAsync(doors, "/api/oauth/token", form, secret, escapes);

    private static async Task<(int Status, JsonNode? Body)> PostAsync(Doors doors, string path, string form, string? secret, bool escapes)
    {
        using var client = doors.Anonymous();
        var (id, key) = (doors.First.ClientId, secret ?? doors.First.ClientSecret!);
        var basic = escapes ? $"{Uri.EscapeDataString(id).Replace("_", "%5F")}:{Uri.EscapeDataString(key).Replace("_", "%5F")}" : $"{id}:{key}";
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    private static HttpClient With(Doors doors, string token)
    {
        var client = doors.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
