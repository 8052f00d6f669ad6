using Ear.CustomerKeys;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;
using Ear.PrivateEndpoints;

namespace Ear.Functions.Tests.Clients;

/// <summary>The resource mongodbatlas_encryption_at_rest_private_endpoint and its data sources (spec atlas-ear §3.3).</summary>
public sealed class TerraformPrivateEndpointTests
{
    private const string Endpoints = "/encryptionAtRest/AZURE/privateEndpoints";
    private const string East = """{"cloudProvider":"AZURE","regionName":"US_EAST_2"}""";
    private static readonly string[] Provisioning = ["INITIATING"];
    private static readonly string[] Provisioned = ["PENDING_ACCEPTANCE", "ACTIVE", "FAILED"];
    private static readonly PrivateLinkSight Pending = new PrivateLinkSight.AwaitingApproval("ear-orders");
    private static readonly PrivateLinkSight Up = new PrivateLinkSight.Up("ear-orders");

    [Fact]
    public async Task It_is_created_waited_for_read_approved_refreshed_and_destroyed()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);
        Assert.Equal(("AZURE", "US_EAST_2", "INITIATING"), (made.Text("cloudProvider"), made.Text("regionName"), made.Text("status")));
        var path = $"{Endpoints}/{made.Text("id")}";

        // Its create ends with a warning: somebody has to approve the connection, by its name.
        var waited = await WaitAsync(sdk, path, Provisioning, Provisioned, [() => project.LookAsync(Id(made)), () => project.BecomesAsync(Id(made), Pending)]);
        Assert.Equal(("PENDING_ACCEPTANCE", "ear-orders", null), (waited.Text("status"), waited.Text("privateEndpointConnectionName"), waited.Body!["errorMessage"]));
        Assert.Equal(waited.Body.ToJsonString(), (await sdk.GetAsync(path)).Body!.ToJsonString());

        await project.BecomesAsync(Id(made), Up);
        var refreshed = await sdk.GetAsync(path);
        Assert.Equal(("ACTIVE", "ear-orders", null), (refreshed.Text("status"), refreshed.Text("privateEndpointConnectionName"), refreshed.Body!["errorMessage"]));

        // The project's own resource is destroyed after it, and not before.
        const string off = """{"awsKms":{"enabled":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false}}""";
        (await sdk.PatchAsync("/encryptionAtRest", off)).Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS");
        await DestroyAsync(project, sdk, made);
        Assert.Equal(200, (await sdk.PatchAsync("/encryptionAtRest", off)).Status);
    }

    [Fact]
    public async Task AWS_needs_no_approval_and_comes_up_within_the_wait()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        await project.Doors.EnableAwsAsync(project.Owner);
        Assert.Equal(200, (await sdk.PatchAsync("/encryptionAtRest", """{"awsKms":{"requirePrivateNetworking":true}}""")).Status);
        const string aws = "/encryptionAtRest/AWS/privateEndpoints";

        var made = await sdk.PostAsync(aws, """{"cloudProvider":"AWS","regionName":"US_EAST_1"}""");
        var id = Id(made);
        await project.LookAsync(id);
        project.Doors.Link(KeyProvider.Aws).Becomes(id, new PrivateLinkSight.Up(null));
        var waited = await WaitAsync(sdk, $"{aws}/{id}", Provisioning, Provisioned, [() => project.LookAsync(id)]);

        Assert.Equal((202, "ACTIVE", null), (made.Status, waited.Text("status"), waited.Body!["privateEndpointConnectionName"]));
    }

    [Fact]
    public async Task A_failure_ends_the_wait_with_its_reason_and_is_destroyed_like_any_other()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);

        var waited = await WaitAsync(sdk, $"{Endpoints}/{made.Text("id")}", Provisioning, Provisioned, [() => project.BecomesAsync(Id(made), new PrivateLinkSight.Broken("No address is left in the subnet"))]);

        Assert.Equal(("FAILED", "No address is left in the subnet."), (waited.Text("status"), waited.Text("errorMessage")));
        await DestroyAsync(project, sdk, made);
    }

    [Fact]
    public async Task A_create_that_times_out_is_taken_back_while_it_is_provisioned()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);
        await project.LookAsync(Id(made));
        Assert.Equal("INITIATING", (await sdk.GetAsync($"{Endpoints}/{made.Text("id")}")).Text("status"));

        await DestroyAsync(project, sdk, made);
    }

    [Fact]
    public async Task Or_is_refused_with_Atlas_own_words_where_Ear_is_told_to_refuse()
    {
        await using var project = await AzureProject.OpenAsync(settings: new Dictionary<string, string?>
        {
            [$"{PrivateEndpointOptions.Section}:{nameof(PrivateEndpointOptions.RefuseDeleteDuringProvisioning)}"] = "true",
        });
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);

        var refused = await sdk.DeleteAsync($"{Endpoints}/{made.Text("id")}");

        Assert.Contains("HTTP 400 Bad Request (Error code: \"ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_DELETE_BLOCKED_DURING_PROVISIONING\")", AtlasSdk.ErrorText(refused));
        Assert.Equal($"""[["{made.Text("id")}"]]""", refused.Body!["parameters"]!.ToJsonString());
        Assert.Equal("INITIATING", (await sdk.GetAsync($"{Endpoints}/{made.Text("id")}")).Text("status"));
    }

    [Fact]
    public async Task A_connection_that_is_rejected_is_read_as_such_and_leaves_the_state_once_another_one_is_up()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);
        var path = $"{Endpoints}/{made.Text("id")}";
        await project.BecomesAsync(Id(made), Up);

        await project.BecomesAsync(Id(made), new PrivateLinkSight.Rejected());
        await project.LookAsync(Id(made));

        var read = await sdk.GetAsync(path);
        Assert.Equal("PENDING_RECREATION", read.Text("status"));
        Assert.StartsWith("The connection was rejected", read.Text("errorMessage"));
        // A wait of a create knows no such state: it would end with an error, and so never see one that is on its way.
        await Assert.ThrowsAsync<InvalidOperationException>(() => WaitAsync(sdk, path, Provisioning, Provisioned, []));
        var next = (await AllAsync(sdk)).Single(e => e.Id != made.Text("id"));
        Assert.Equal("INITIATING", next.Status);

        await project.BecomesAsync(PrivateEndpointId.Parse(next.Id, null), Up);
        await project.LookAsync(Id(made));
        await project.LookAsync(Id(made));

        (await sdk.GetAsync(path)).Refused(404, "RESOURCE_NOT_FOUND");
        Assert.Equal(("ACTIVE", next.Id), ((await sdk.GetAsync($"{Endpoints}/{next.Id}")).Text("status"), Assert.Single(await AllAsync(sdk)).Id));
    }

    [Fact]
    public async Task It_is_imported_by_its_id_and_only_from_its_own_provider()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var made = await CreateAsync(sdk);
        await project.BecomesAsync(Id(made), Up);
        var id = made.Text("id");

        var imported = await sdk.GetAsync($"{Endpoints}/{id}");

        Assert.Equal(
            $$"""{"cloudProvider":"AZURE","id":"{{id}}","privateEndpointConnectionName":"ear-orders","regionName":"US_EAST_2","status":"ACTIVE"}""", imported.Body!.ToJsonString());
        (await sdk.GetAsync($"/encryptionAtRest/AWS/privateEndpoints/{id}")).Refused(404, "RESOURCE_NOT_FOUND");
        (await sdk.PostAsync(Endpoints, East)).Refused(409, "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION");
    }

    [Fact]
    public async Task The_plural_data_source_reads_all_pages()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        foreach (var region in (string[])["US_EAST_2", "US_WEST", "EUROPE_NORTH"])
            Assert.Equal(202, (await sdk.PostAsync(Endpoints, $$"""{"cloudProvider":"AZURE","regionName":"{{region}}"}""")).Status);
        var regions = new List<string>();

        for (var page = 1; regions.Count < 3; page++)
        {
            var answer = (await sdk.GetAsync($"{Endpoints}?includeCount=true&itemsPerPage=2&pageNum={page}")).Body!;
            Assert.Equal(3, answer["totalCount"]!.GetValue<int>());
            Assert.NotEmpty(answer["results"]!.AsArray());
            regions.AddRange(answer["results"]!.AsArray().Select(e => e!["regionName"]!.GetValue<string>()));
        }

        Assert.Equal(["EUROPE_NORTH", "US_EAST_2", "US_WEST"], regions.Order());
    }

    /// <summary>The provider's own wait: any state that is neither pending nor a target ends it with an error; so does a world that has nothing more to happen.</summary>
    private static async Task<Answer> WaitAsync(AtlasSdk sdk, string path, string[] pending, string[] targets, IEnumerable<Func<Task>> happenings)
    {
        using var next = happenings.GetEnumerator();
        for (; ; )
        {
            var answer = await sdk.GetAsync(path);
            var state = answer.Status == 404 ? "404" : answer.Text("status");
            if (targets.Contains(state))
                return answer;
            if (!pending.Contains(state))
                throw new InvalidOperationException($"unexpected state '{state}', wanted target '{string.Join(", ", targets)}'");
            Assert.True(next.MoveNext(), $"It stays {state}.");
            await next.Current();
        }
    }

    private static async Task DestroyAsync(AzureProject project, AtlasSdk sdk, Answer made)
    {
        var path = $"{Endpoints}/{made.Text("id")}";
        Assert.Equal(204, (await sdk.DeleteAsync(path)).Status);
        var first = await sdk.GetAsync(path);
        Assert.Equal("DELETING", first.Text("status"));
        var gone = await WaitAsync(sdk, path, ["DELETING"], ["404", "FAILED"], [() => project.LookAsync(Id(made))]);
        gone.Refused(404, "RESOURCE_NOT_FOUND");
        Assert.Empty(await AllAsync(sdk));
    }

    private static async Task<Answer> CreateAsync(AtlasSdk sdk)
    {
        var made = await sdk.PostAsync(Endpoints, East);
        Assert.Equal(202, made.Status);
        return made;
    }

    private static async Task<IReadOnlyList<(string Id, string Status)>> AllAsync(AtlasSdk sdk)
        => [.. (await sdk.GetAsync(Endpoints)).Body!["results"]!.AsArray().Select(e => (e!["id"]!.GetValue<string>(), e["status"]!.GetValue<string>()))];

    private static PrivateEndpointId Id(Answer made) => PrivateEndpointId.Parse(made.Text("id"), null);
}
