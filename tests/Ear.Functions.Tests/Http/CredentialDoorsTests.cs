using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Functions.Http.Requests;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;
using Ear.Tests.Fakes;

namespace Ear.Functions.Tests.Http;

/// <summary>API keys and service accounts as resources of a project.</summary>
public sealed class CredentialDoorsTests
{
    private const string Account = """{"name":"ci","description":"Builds, and tests","roles":["GROUP_READ_ONLY"],"secretExpiresAfterHours":8}""";
    private const string Key = """{"desc":"terraform","roles":["GROUP_CLUSTER_MANAGER"]}""";

    [Fact]
    public async Task A_new_API_key_opens_its_project_and_is_shown_without_its_private_part()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/apiKeys", Key);

        Assert.Equal(200, made.Status);
        Assert.Matches("^[a-z]{8}$", made.Text("publicKey"));
        using var client = doors.WithKey(made.Text("publicKey"), made.Text("privateKey"));
        Assert.Equal(200, (await client.GetAsync($"{doors.Group}/clusters", Doors.Json)).Status);
        (await client.GetAsync($"{doors.Group}/apiKeys", Doors.Json)).Refused(403, "ACCESS_FORBIDDEN");
        var listed = (await owner.GetAsync($"{doors.Group}/apiKeys", Doors.Json)).Body!["results"]!.AsArray().Single(k => k!["id"]!.GetValue<string>() == made.Text("id"))!;
        Assert.Equal(("terraform", null), (listed["desc"]!.GetValue<string>(), listed["privateKey"]));
        Assert.Contains("""{"groupId":"GROUP","roleName":"GROUP_CLUSTER_MANAGER"}""".Replace("GROUP\"", $"{doors.First.ProjectId}\""), listed["roles"]!.ToJsonString());
        Assert.DoesNotContain(made.Text("privateKey"), await StoredAsync(doors));
        Assert.Equal(["API_KEY_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task A_key_loses_its_roles_and_itself_with_the_next_request()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/apiKeys", """{"desc":"x","roles":["GROUP_OWNER"]}""");
        var path = $"{doors.Group}/apiKeys/{made.Text("id")}";
        using var client = doors.WithKey(made.Text("publicKey"), made.Text("privateKey"));
        Assert.Equal(200, (await client.GetAsync($"{doors.Group}/apiKeys", Doors.Json)).Status);

        var changed = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"desc":"y","roles":["GROUP_READ_ONLY"]}""");

        Assert.Equal((200, "y"), (changed.Status, changed.Text("desc")));
        (await client.GetAsync($"{doors.Group}/apiKeys", Doors.Json)).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, path)).Status);
        (await client.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
        (await owner.SendJsonAsync(HttpMethod.Delete, path)).Refused(400, "API_KEY_NOT_FOUND");
        Assert.Equal(["API_KEY_DELETED", "API_KEY_REMOVED_FROM_GROUP", "API_KEY_DESCRIPTION_CHANGED", "API_KEY_ROLES_CHANGED", "API_KEY_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task A_service_account_gets_tokens_until_its_secret_ends_and_is_gone_with_them()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account);
        Assert.Equal(201, made.Status);
        var (id, secret) = (made.Text("clientId"), made.Body!["secrets"]![0]!["secret"]!.GetValue<string>());
        Assert.Matches("^mdb_sa_id_[0-9a-f]{24}$", id);

        using var client = With(doors, (await TokenAsync(doors, id, secret))!);

        Assert.Equal(200, (await client.GetAsync(doors.Group, Doors.Json)).Status);
        var shown = (await owner.GetAsync($"{doors.Group}/serviceAccounts/{id}", Doors.Json)).Body!;
        Assert.Equal("2026-03-01T12:00:00Z", shown["secrets"]![0]!["lastUsedAt"]!.GetValue<string>());
        Assert.Equal($"mdb_sa_sk_...{secret[^4..]}", shown["secrets"]![0]!["maskedSecretValue"]!.GetValue<string>());
        Assert.Null(shown["secrets"]![0]!["secret"]);
        Assert.Equal(["GROUP_READ_ONLY"], shown["roles"]!.AsArray().Select(r => r!.GetValue<string>()));
        Assert.DoesNotContain(secret, await StoredAsync(doors));

        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/serviceAccounts/{id}")).Status);
        (await client.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
        Assert.Null(await TokenAsync(doors, id, secret));
        Assert.Equal(["SERVICE_ACCOUNT_DELETED", "SERVICE_ACCOUNT_REMOVED_FROM_GROUP", "SERVICE_ACCOUNT_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task Secrets_are_rotated_two_at_a_time_and_end()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account);
        var (id, first, firstId) = (made.Text("clientId"), made.Body!["secrets"]![0]!["secret"]!.GetValue<string>(), made.Body["secrets"]![0]!["id"]!.GetValue<string>());
        var path = $"{doors.Group}/serviceAccounts/{id}/secrets";
        const string Day = """{"secretExpiresAfterHours":24}""";

        var second = await owner.SendJsonAsync(HttpMethod.Post, path, Day);

        Assert.Equal((201, "2026-03-02T12:00:00Z"), (second.Status, second.Text("expiresAt")));
        (await owner.SendJsonAsync(HttpMethod.Post, path, Day)).Refused(400, "SERVICE_ACCOUNT_SECRET_LIMIT_REACHED");
        Assert.NotNull(await TokenAsync(doors, id, first));
        Assert.NotNull(await TokenAsync(doors, id, second.Text("secret")));
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, $"{path}/{firstId}")).Status);
        Assert.Null(await TokenAsync(doors, id, first));
        (await owner.SendJsonAsync(HttpMethod.Delete, $"{path}/{firstId}")).Refused(404, "SERVICE_ACCOUNT_SECRET_NOT_FOUND");
        doors.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await TokenAsync(doors, id, second.Text("secret")));
        doors.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await TokenAsync(doors, id, second.Text("secret")));
        Assert.Equal(["SERVICE_ACCOUNT_SECRET_DELETED", "SERVICE_ACCOUNT_SECRET_ADDED", "SERVICE_ACCOUNT_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task A_repeat_after_a_lost_answer_tells_the_same_secrets_once()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        await owner.GetAsync(doors.Group, Doors.Json);
        foreach (var (path, body) in new[] { ("serviceAccounts", Account), ("apiKeys", Key) })
        {
            doors.Store.Fault = at =>
            {
                if (at == SavePoint.AfterCommit)
                    throw new IOException("The answer is lost.");
            };
            Assert.Equal(500, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/{path}", body, Doors.Json, (Idempotency.Header, "k"))).Status);
            doors.Store.Fault = null;
            var again = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/{path}", body, Doors.Json, (Idempotency.Header, "k"));
            var third = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/{path}", body, Doors.Json, (Idempotency.Header, "k"));
            Assert.InRange(again.Status, 200, 201);
            Assert.Equal(again.Body!.ToJsonString(), third.Body!.ToJsonString());
            if (path == "serviceAccounts")
                Assert.NotNull(await TokenAsync(doors, again.Text("clientId"), again.Body["secrets"]![0]!["secret"]!.GetValue<string>()));
        }

        Assert.Equal(["API_KEY_CREATED", "SERVICE_ACCOUNT_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task A_token_of_a_deleted_account_does_not_open_the_one_that_a_repeat_made_again()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account, Doors.Json, (Idempotency.Header, "k"));
        using var client = With(doors, (await TokenAsync(doors, made.Text("clientId"), made.Body!["secrets"]![0]!["secret"]!.GetValue<string>()))!);
        await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/serviceAccounts/{made.Text("clientId")}");
        doors.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account, Doors.Json, (Idempotency.Header, "k"))).Status);

        (await client.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
    }

    [Fact]
    public async Task The_last_owner_who_can_sign_in_stays_owner()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var firstKey = $"{doors.Group}/apiKeys/{(await doors.Store.FindApiKeyAsync(doors.First.PublicKey, TestContext.Current.CancellationToken))!.Id()}";
        var account = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account.Replace("GROUP_READ_ONLY", "GROUP_OWNER"));
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/serviceAccounts/{doors.First.ClientId}")).Status);
        doors.Time.Advance(TimeSpan.FromHours(8));

        // The account's only secret is over.
        (await owner.SendJsonAsync(HttpMethod.Delete, firstKey)).Refused(403, "CANNOT_DELETE_LAST_OWNER");
        (await owner.SendJsonAsync(HttpMethod.Patch, firstKey, """{"roles":["GROUP_READ_ONLY"]}""")).Refused(403, "CANNOT_DEMOTE_LAST_OWNER");
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts/{account.Text("clientId")}/secrets", """{"secretExpiresAfterHours":24}""");

        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, firstKey)).Status);
        // It owns the organisation, and so remains, and reads.
        Assert.Equal(200, (await owner.GetAsync(doors.Group, Doors.Json)).Status);
        (await owner.GetAsync($"{doors.Group}/apiKeys", Doors.Json)).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Fact]
    public async Task A_project_has_a_bounded_number_of_credentials()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var roles = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(doors.First.ProjectId, ["GROUP_READ_ONLY"]);
        for (var i = 0; i < CredentialChanges<ApiKey>.Most; i++)
        {
            await ((ICredentials)doors.Store).SaveAsync(new ApiKey($"key{i:x}", "", doors.First.OrgId, roles, []), TestContext.Current.CancellationToken);
            await ((ICredentials)doors.Store).SaveAsync(new ServiceAccount($"mdb_sa_id_{i:x24}", "", doors.First.OrgId, roles, []), TestContext.Current.CancellationToken);
        }

        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/apiKeys", """{"desc":"x","roles":["GROUP_READ_ONLY"]}""")).Refused(400, "MAX_API_KEYS_PER_ORG_EXCEEDED");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/serviceAccounts", Account)).Refused(400, "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED");
    }

    [Theory]
    [InlineData("apiKeys", """{"desc":"x"}""", "MISSING_ATTRIBUTE")]
    [InlineData("apiKeys", """{"roles":["GROUP_OWNER"]}""", "MISSING_ATTRIBUTE")]
    [InlineData("apiKeys", """{"desc":"","roles":[7]}""", "VALIDATION_ERROR")]
    [InlineData("apiKeys", """{"desc":"x","roles":[]}""", "INVALID_ATTRIBUTE")]
    [InlineData("apiKeys", """{"desc":"x","roles":["ORG_OWNER"]}""", "INVALID_ATTRIBUTE")]
    [InlineData("serviceAccounts", """{"name":"a","description":"b","roles":["GROUP_OWNER"]}""", "MISSING_ATTRIBUTE")]
    [InlineData("serviceAccounts", """{"name":"a<b","description":"b","roles":["GROUP_OWNER"],"secretExpiresAfterHours":7}""", "VALIDATION_ERROR")]
    [InlineData("serviceAccounts", """{"name":"a","description":"b","roles":["GROUP_KING"],"secretExpiresAfterHours":8}""", "INVALID_ATTRIBUTE")]
    public async Task What_is_wrong_is_said(string path, string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/{path}", body)).Refused(400, code);

        Assert.Empty(await doors.EventsAsync());
    }

    [Theory]
    [InlineData("GET", "apiKeys")]
    [InlineData("POST", "apiKeys")]
    [InlineData("PATCH", "apiKeys/x")]
    [InlineData("DELETE", "apiKeys/x")]
    [InlineData("GET", "serviceAccounts")]
    [InlineData("POST", "serviceAccounts")]
    [InlineData("GET", "serviceAccounts/x")]
    [InlineData("PATCH", "serviceAccounts/x")]
    [InlineData("DELETE", "serviceAccounts/x")]
    [InlineData("POST", "serviceAccounts/x/secrets")]
    [InlineData("DELETE", "serviceAccounts/x/secrets/y")]
    public async Task Only_owners_see_or_change_credentials(string method, string path)
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        using var orgOwner = await doors.AsAsync("ORG_OWNER");
        using var stranger = await doors.AsAsync();

        (await manager.SendJsonAsync(new HttpMethod(method), $"{doors.Group}/{path}")).Refused(403, "ACCESS_FORBIDDEN");
        (await orgOwner.SendJsonAsync(new HttpMethod(method), $"{doors.Group}/{path}")).Refused(403, "ACCESS_FORBIDDEN");
        (await stranger.SendJsonAsync(new HttpMethod(method), $"{doors.Group}/{path}")).Refused(401, "NOT_IN_GROUP");
    }

    [Fact]
    public async Task What_is_not_in_the_project_is_not_found()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var elsewhere = await doors.AsAsync();
        var foreign = (await doors.Store.ServiceAccounts.ListAsync(doors.First.ProjectId, TestContext.Current.CancellationToken)).Count;

        (await owner.GetAsync($"{doors.Group}/serviceAccounts/mdb_sa_id_{new string('a', 24)}", Doors.Json)).Refused(404, "SERVICE_ACCOUNT_NOT_FOUND");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/apiKeys/{new string('a', 24)}", """{"desc":"x"}""")).Refused(400, "API_KEY_NOT_FOUND");
        var page = await owner.GetAsync($"{doors.Group}/serviceAccounts?itemsPerPage=1", Doors.Json);
        Assert.Equal((foreign, 1), (page.Body!["totalCount"]!.GetValue<int>(), page.Body["results"]!.AsArray().Count));
    }

    [Fact]
    public void Every_role_of_a_project_can_be_given()
    {
        var all = typeof(Role).GetProperties().Where(p => p.PropertyType == typeof(Role)).Select(p => (Role)p.GetValue(null)!).Where(r => r.AtlasName.StartsWith("GROUP_", StringComparison.Ordinal));

        Assert.Equal(all.Select(r => r.AtlasName).Order(StringComparer.Ordinal), Role.OfProjects.Select(r => r.AtlasName).Order(StringComparer.Ordinal));
    }

    private static async Task<string> StoredAsync(Doors doors)
        => JsonSerializer.Serialize(
            new object[]
            {
                await doors.Store.ApiKeys.ListAsync(doors.First.ProjectId, TestContext.Current.CancellationToken),
                await doors.Store.ServiceAccounts.ListAsync(doors.First.ProjectId, TestContext.Current.CancellationToken),
                await doors.Store.PendingAsync(100, TestContext.Current.CancellationToken),
            }, EarJson.Options);

    private static async Task<string?> TokenAsync(Doors doors, string id, string secret)
    {
        using var client = doors.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
        using var form = new StringContent("grant_type=client_credentials", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await client.PostAsync(new Uri("/api/oauth/token", UriKind.Relative), form, TestContext.Current.CancellationToken);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(answer.IsSuccessStatusCode ? null : "invalid_client", body["error"]?.GetValue<string>());
        return body["access_token"]?.GetValue<string>();
    }

    private static HttpClient With(Doors doors, string token)
    {
        var client = doors.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
