using System.Text.Json.Nodes;
using MongoDB.Bson;

namespace Ear.Local.Demo.Steps;

internal static class CreateCluster
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        var project = await stage.Api.GetAsync(stage.ProjectPath, cancellation);
        log.Check("the owner's API key opens the project (HTTP Digest)", project.Status == 200, $"{project} {project.Body?["name"]}");
        using var account = await AtlasClient.WithServiceAccountAsync(stage.Ear.BaseUrl, stage.ServiceAccount.Id, stage.ServiceAccount.Secret, cancellation);
        var bearer = await account.GetAsync(stage.ProjectPath, cancellation);
        log.Check("the service account opens it too (OAuth2)", bearer.Status == 200, bearer.ToString());

        var created = await stage.Api.PostAsync($"{stage.ProjectPath}/clusters", Orders(), cancellation);
        log.Check("POST clusters is accepted", created.Status == 201, $"{created} {created.Body?["stateName"]}");
        log.Doing("three machines, three agents, three mongod");
        var idle = await stage.IdleAsync(TimeSpan.FromSeconds(60), cancellation);
        log.Check("the cluster is IDLE", idle, await stage.StateAsync(cancellation));

        await stage.ConnectAsync(cancellation);
        var status = await stage.Orders.Database.Client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("replSetGetStatus", 1), cancellationToken: cancellation);
        var roles = status["members"].AsBsonArray.Select(m => m["stateStr"].AsString).Order(StringComparer.Ordinal).ToArray();
        log.Check("a replica set of one primary and two secondaries", roles is ["PRIMARY", "SECONDARY", "SECONDARY"], string.Join(' ', roles));
        var agents = stage.Nodes.Count(n => n.Agent() is not null && n.MongodRuns());
        log.Check("each mongod runs under its agent", agents == 3, $"{agents} of 3");
    }

    private static JsonObject Orders() => new()
    {
        ["name"] = Stage.ClusterName,
        ["clusterType"] = "REPLICASET",
        ["encryptionAtRestProvider"] = "NONE",
        ["replicationSpecs"] = new JsonArray(new JsonObject
        {
            ["regionConfigs"] = new JsonArray(new JsonObject
            {
                ["providerName"] = "AWS",
                ["regionName"] = "US_EAST_1",
                ["priority"] = 7,
                ["electableSpecs"] = new JsonObject { ["instanceSize"] = "M10", ["nodeCount"] = 3 },
            }),
        }),
    };
}
