using Ear.Functions.Http.Requests;
using Ear.Functions.Tests.Http.World;
using Ear.Tests.Fakes;

namespace Ear.Functions.Tests.Http;

/// <summary>A POST whose answer may have been lost is sent again under its Idempotency-Key.</summary>
public sealed class RepeatTests
{
    private const string Cluster = """{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}""";

    [Fact]
    public async Task A_cluster_whose_answer_was_lost_is_made_once()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        doors.Store.Fault = at =>
        {
            if (at == SavePoint.AfterCommit)
                throw new IOException("The answer is lost.");
        };
        Assert.Equal(500, (await CreateAsync(doors, owner, Cluster)).Status);
        doors.Store.Fault = null;
        Assert.Empty(doors.Woken);

        var again = await CreateAsync(doors, owner, Cluster);
        var third = await CreateAsync(doors, owner, Cluster);

        Assert.Equal((201, 201), (again.Status, third.Status));
        Assert.Equal(again.Text("id"), third.Text("id"));
        Assert.Equal(["CLUSTER_CREATED"], await doors.EventsAsync());
        Assert.NotEmpty(doors.Woken);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_refused_for_a_day_but_not_after_a_refusal()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        Assert.Equal(400, (await CreateAsync(doors, owner, """{"name":"orders"}""")).Status);
        Assert.Equal(201, (await CreateAsync(doors, owner, Cluster)).Status);

        (await CreateAsync(doors, owner, Cluster.Replace("orders", "others"))).Refused(422, "IDEMPOTENCY_KEY_REUSED");
        doors.Time.Advance(IntendedBodies.Kept);

        // Forgotten, and yet safe: another body makes other ids.
        Assert.Equal(201, (await CreateAsync(doors, owner, Cluster.Replace("orders", "others"))).Status);
        Assert.Equal(["CLUSTER_CREATED", "CLUSTER_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task Without_the_key_or_by_somebody_else_it_is_another_request()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var other = await doors.OwnerAsync();
        Assert.Equal(201, (await CreateAsync(doors, owner, Cluster)).Status);

        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster)).Refused(400, "DUPLICATE_CLUSTER_NAME");
        (await CreateAsync(doors, owner, Cluster, "another")).Refused(400, "DUPLICATE_CLUSTER_NAME");
        (await CreateAsync(doors, other, Cluster)).Refused(400, "DUPLICATE_CLUSTER_NAME");
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    public async Task A_key_is_visible_ASCII(string key)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await CreateAsync(doors, owner, Cluster, key)).Refused(400, "INVALID_ATTRIBUTE");
        (await CreateAsync(doors, owner, Cluster, new string('k', 256))).Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal(201, (await CreateAsync(doors, owner, Cluster, new string('k', 255))).Status);
    }

    [Theory]
    [InlineData("/api/atlas/v2/groups", """{"name":"second","orgId":"ORG"}""", "id")]
    [InlineData("GROUP/cloudProviderAccess", """{"providerName":"AWS"}""", "roleId")]
    [InlineData("GROUP/cloudProviderAccess", """{"providerName":"GCP"}""", "roleId")]
    public async Task What_is_made_although_its_answer_was_lost_is_what_a_repeat_answers_with(string path, string body, string id)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        path = path.Replace("GROUP", doors.Group);
        body = body.Replace("ORG", doors.First.OrgId.Value);
        await owner.GetAsync(doors.Group, Doors.Json);
        doors.Store.Fault = at =>
        {
            if (at == SavePoint.AfterCommit)
                throw new IOException("The answer is lost.");
        };
        Assert.Equal(500, (await owner.SendJsonAsync(HttpMethod.Post, path, body, Doors.Json, (Idempotency.Header, "k"))).Status);
        doors.Store.Fault = null;

        var again = await owner.SendJsonAsync(HttpMethod.Post, path, body, Doors.Json, (Idempotency.Header, "k"));
        var third = await owner.SendJsonAsync(HttpMethod.Post, path, body, Doors.Json, (Idempotency.Header, "k"));
        var other = await owner.SendJsonAsync(HttpMethod.Post, path, body.Replace("second", "third"), Doors.Json, (Idempotency.Header, "l"));

        Assert.InRange(again.Status, 200, 201);
        Assert.Equal(again.Text(id), third.Text(id));
        Assert.NotEqual(again.Text(id), other.Text(id));
    }

    [Fact]
    public void Ids_follow_from_their_seed_and_none_is_like_another()
    {
        var (one, same, other) = (new KeyedIds([1]), new KeyedIds([1]), new KeyedIds([2]));
        var first = (one.NewHex(), one.NewGuid(), Convert.ToHexString(one.Secret(70)), one.NextDouble());

        Assert.Equal(first, (same.NewHex(), same.NewGuid(), Convert.ToHexString(same.Secret(70)), same.NextDouble()));
        Assert.NotEqual(first.Item1, other.NewHex());
        Assert.NotEqual(one.NewHex(), one.NewHex());
        Assert.True(IHexId<Ear.Projects.ProjectId>.IsValid(first.Item1));
        Assert.InRange(first.Item4, 0, 1);
    }

    private static Task<Answer> CreateAsync(Doors doors, HttpClient client, string body, string key = "0b3c")
        => client.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", body, Doors.Json, (Idempotency.Header, key));
}
