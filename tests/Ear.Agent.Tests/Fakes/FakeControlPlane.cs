using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Nodes;
using Ear.Projects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Tests.Fakes;

/// <summary>The agent API over real HTTP, as its contract says, with the customer key, the KMS and the network as switches.</summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly WebApplication app;
    private ECDiffieHellman sealing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, FakeNode> nodes = new(StringComparer.Ordinal);

    private FakeControlPlane(WebApplication app) => this.app = app;

    public static ProjectId Project { get; } = ProjectId.FromValid("5f0000000000000000000001");

    public Uri Url { get; private set; } = null!;

    public bool KmsAway { get; set; }

    public bool KeyInvalid { get; set; }

    /// <summary>Wrapped keys that it lacks are taken back; else it says that it cannot now.</summary>
    public bool TakesBack { get; set; }

    /// <summary>Every request is answered like this, by something in front of the control plane.</summary>
    public int? ProxyStatus { get; set; }

    public string SealingKey => Convert.ToBase64String(sealing.ExportSubjectPublicKeyInfo());

    public static async Task<FakeControlPlane> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var fake = new FakeControlPlane(web);
        web.MapPost(AgentApi.Enroll, (Delegate)fake.EnrolAsync);
        web.MapPost(AgentApi.Poll, (Delegate)fake.PollAsync);
        web.MapPost(AgentApi.SealingKey, (Delegate)fake.TellSealingKeyAsync);
        web.MapPost(AgentApi.Wrap, (Delegate)fake.WrapAsync);
        web.MapPost(AgentApi.Unwrap, (Delegate)fake.UnwrapAsync);
        web.MapPost(AgentApi.Return, (Delegate)fake.ReturnAsync);
        await web.StartAsync();
        fake.Url = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return fake;
    }

    /// <summary>As its operator does when the key can never be opened again.</summary>
    public void RenewSealingKey()
    {
        sealing.Dispose();
        sealing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    }

    public FakeNode Node(NodeId id) => nodes.GetOrAdd(id.Value, static _ => new FakeNode());

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        sealing.Dispose();
    }

    private async Task<IResult> EnrolAsync(HttpContext context)
    {
        if (ProxyStatus is { } status)
            return Results.StatusCode(status);
        var request = (await JsonSerializer.DeserializeAsync<EnrolRequest>(context.Request.Body, EarJson.Options))!;
        var node = nodes[request.NodeId];
        if (request.Token != node.Token)
            return Error(401, "INVALID_TOKEN");
        if (node.PublicKey is not null && node.PublicKey != request.PublicKey)
            return Error(409, "TOKEN_USED");
        (node.PublicKey, node.HostPort) = (request.PublicKey, request.HostPort);
        return Json(new EnrolAnswer(SealingKey));
    }

    private async Task<IResult> PollAsync(HttpContext context)
    {
        if (await SignedAsync<PollRequest>(context) is not ({ } node, { } request))
            return ProxyStatus is { } status ? Results.StatusCode(status) : Error(401, "UNAUTHENTICATED");
        node.Heard(request);
        node.LastTrace = (string?)context.Request.Headers["traceparent"];
        if (node.Removed)
            return Error(410, "NODE_REMOVED");
        return await node.NextGoalAsync(request.KnownGoal, context.RequestAborted) is { } goal ? Json(goal) : Results.NoContent();
    }

    private async Task<IResult> TellSealingKeyAsync(HttpContext context)
    {
        if (await SignedAsync<SealingKeyRequest>(context) is not ({ }, { }))
            return ProxyStatus is { } status ? Results.StatusCode(status) : Error(401, "UNAUTHENTICATED");
        return KmsAway ? Error(503, "UNAVAILABLE") : Json(new EnrolAnswer(SealingKey));
    }

    private async Task<IResult> WrapAsync(HttpContext context)
    {
        if (await SignedAsync<WrapRequest>(context) is not ({ } node, { } request))
            return ProxyStatus is { } status ? Results.StatusCode(status) : Error(401, "UNAUTHENTICATED");
        if (KmsAway)
            return Error(503, "KMS_UNREACHABLE");
        if (KeyInvalid)
            return Error(403, "KEY_INVALID");
        try
        {
            node.Keys[request.KeyId] = node.Made[request.KeyId] = SealedBox.Open(request.Sealed, sealing, AgentApi.KeyPurpose(node.Id, request.KeyId));
        }
        catch (CryptographicException)
        {
            return Error(400, "MALFORMED");
        }
        return Json(new WrapAnswer(request.KeyId, "AWS", "key", "1", "digest", [1, 2, 3]));
    }

    private async Task<IResult> UnwrapAsync(HttpContext context)
    {
        if (await SignedAsync<UnwrapRequest>(context) is not ({ } node, { } request))
            return ProxyStatus is { } status ? Results.StatusCode(status) : Error(401, "UNAUTHENTICATED");
        if (!node.Keys.TryGetValue(request.KeyId, out var key))
            return Error(404, "KEY_NOT_FOUND");
        if (KmsAway)
            return Error(503, "KMS_UNREACHABLE");
        if (KeyInvalid)
            return Error(403, "KEY_INVALID");
        return Json(new UnwrapAnswer(request.KeyId, SealedBox.Seal(key, SealedBox.ImportPublicKey(node.PublicKey!), AgentApi.KeyPurpose(node.Id, request.KeyId))));
    }

    private async Task<IResult> ReturnAsync(HttpContext context)
    {
        if (await SignedAsync<WrapAnswer>(context) is not ({ } node, { } kept))
            return ProxyStatus is { } status ? Results.StatusCode(status) : Error(401, "UNAUTHENTICATED");
        node.Returns++;
        if (!TakesBack)
            return Error(503, "UNAVAILABLE");
        // Its fake wrapped keys are all alike.
        if (!kept.Ciphertext.AsSpan().SequenceEqual(new byte[] { 1, 2, 3 }) || !node.Made.TryGetValue(kept.KeyId, out var key))
            return Error(400, "MALFORMED");
        node.Keys.TryAdd(kept.KeyId, key);
        return Json(new ReturnAnswer(kept.KeyId));
    }

    private async Task<(FakeNode? Node, T? Body)> SignedAsync<T>(HttpContext context)
        where T : class
    {
        if (ProxyStatus is not null)
            return (null, null);
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        if (AgentSignature.TryParse(context.Request.Headers.Authorization) is not { } signature || signature.ProjectId != Project || !nodes.TryGetValue(signature.NodeId.Value, out var node))
            return (null, null);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(node.PublicKey!), out _);
        node.Id = signature.NodeId;
        return signature.Verify(key, "POST", context.Request.Path, body, DateTimeOffset.UtcNow) && node.Nonces.TryAdd(signature.Nonce, true)
            ? (node, JsonSerializer.Deserialize<T>(body, EarJson.Options))
            : (null, null);
    }

    private static IResult Json<T>(T body) => Results.Json(body, EarJson.Options);

    private static IResult Error(int status, string code) => Results.Json(new { errorCode = code, detail = "as the test wants it" }, EarJson.Options, statusCode: status);
}

internal sealed class FakeNode
{
    /// <summary>The <c>traceparent</c> of the last poll.</summary>
    public string? LastTrace { get; set; }

    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeGoal? goal;

    public NodeId Id { get; set; }

    public string Token { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    public string? PublicKey { get; set; }

    public string? HostPort { get; set; }

    public bool Removed { get; set; }

    public NodeReport? Report { get; private set; }

    public int Polls { get; private set; }

    public long LastKnownGoal { get; private set; }

    /// <summary>Every key that was ever wrapped: what the customer's key can open.</summary>
    public ConcurrentDictionary<string, byte[]> Made { get; } = new(StringComparer.Ordinal);

    public int Returns { get; set; }

    public ConcurrentDictionary<string, byte[]> Keys { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, bool> Nonces { get; } = new(StringComparer.Ordinal);

    public NodeGoal? Goal
    {
        get
        {
            lock (gate)
                return goal;
        }

        set
        {
            TaskCompletionSource done;
            lock (gate)
            {
                goal = value;
                done = changed;
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            done.SetResult();
        }
    }

    public void Heard(PollRequest request)
    {
        lock (gate)
        {
            Report = request.Report;
            LastKnownGoal = request.KnownGoal;
            Polls++;
        }
    }

    public async Task<NodeGoal?> NextGoalAsync(long known, CancellationToken aborted)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            limit.CancelAfter(AgentApi.LongPoll);
            while (true)
            {
                Task next;
                lock (gate)
                {
                    if (goal is not null && goal.Goal != known)
                        return goal;
                    next = changed.Task;
                }

                await next.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
