using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clients;

/// <summary>Requests as Atlas's Go SDK makes them: the version of each operation in Accept, and in Content-Type where there is a body.</summary>
internal sealed class AtlasSdk(Doors doors, HttpClient client) : IDisposable
{
    public const string Orders = """
        {"name":"orders","clusterType":"REPLICASET","encryptionAtRestProvider":"AWS","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,
        "electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
        """;

    public Doors Doors => doors;

    /// <summary>By a client that authenticates in its own way.</summary>
    public static AtlasSdk With(Doors doors, HttpClient client) => new(doors, client);

    /// <summary>As the API key that Ear began with, by Digest.</summary>
    public static AtlasSdk WithKey(Doors doors) => new(doors, new HttpClient(new GoDigestHandler(doors.First.PublicKey, doors.First.PrivateKey!)) { BaseAddress = doors.Url });

    public Task<Answer> GetAsync(string path, string version = "2023-01-01") => SendAsync(HttpMethod.Get, path, version);

    public Task<Answer> PostAsync(string path, string body, string version = "2023-01-01") => SendAsync(HttpMethod.Post, path, version, body);

    public Task<Answer> PatchAsync(string path, string body, string version = "2023-01-01") => SendAsync(HttpMethod.Patch, path, version, body);

    public Task<Answer> PutAsync(string path, string body, string version = "2023-01-01") => SendAsync(HttpMethod.Put, path, version, body);

    public Task<Answer> DeleteAsync(string path, string version = "2023-01-01") => SendAsync(HttpMethod.Delete, path, version);

    /// <param name="path">Below the project; from the root when it begins so.</param>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string version, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("/api/", StringComparison.Ordinal) ? path : doors.Group + path);
        var media = $"application/vnd.atlas.{version}+json";
        request.Headers.TryAddWithoutValidation("Accept", media);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        }
        var message = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)message.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), message);
    }

    /// <summary>An error as the SDK words it; its users look for codes in here (§2.0.3).</summary>
    public static string ErrorText(Answer answer)
    {
        var body = answer.Body!;
        var request = answer.Message.RequestMessage!;
        return $"{request.RequestUri} {request.Method}: HTTP {answer.Status} {body["reason"]} (Error code: \"{body["errorCode"]}\") Detail: {body["detail"]} "
            + $"Reason: {body["reason"]}. Params: {body["parameters"]?.ToJsonString() ?? "[]"}, BadRequestDetail: {body["badRequestDetail"]?.ToJsonString()}";
    }

    /// <summary>As the reconciliation leaves the cluster when nothing is left to do.</summary>
    public async Task ReachAsync(string name = "orders")
    {
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse(name, null), TestContext.Current.CancellationToken))!;
        var reached = stored.Document with { AchievedGeneration = stored.Document.Generation, State = ClusterState.Idle };
        Assert.True((await doors.Store.SaveAsync(reached, stored.Version, [], TestContext.Current.CancellationToken)).Saved);
    }

    /// <summary>As the reconciliation leaves a cluster that was to go.</summary>
    public async Task GoneAsync(string name = "orders")
    {
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse(name, null), TestContext.Current.CancellationToken))!;
        Assert.True(stored.Document.DeletionRequested);
        Assert.True((await ((IClusters)doors.Store).DeleteAsync(stored.Document, stored.Version, [], TestContext.Current.CancellationToken)).Saved);
    }

    public void Dispose() => client.Dispose();
}
