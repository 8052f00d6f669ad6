using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.CustomerKeys;
using Ear.Functions.Agents;
using Ear.Functions.Tests.Reconciliation;
using Ear.Nodes;
using Ear.Tests.CustomerKeys.Validation;

namespace Ear.Functions.Tests.Agents;

/// <summary>The agent API over HTTP, as <see cref="AgentApi"/> documents it.</summary>
public sealed class AgentDoorTests : IAsyncLifetime
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private EngineWorld _world = null!;
    private HttpClient _http = null!;
    private NodeId _node;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await EngineWorld.StartAsync();
        _http = new HttpClient { BaseAddress = _world.Host.BaseAddress };
        await _world.CreateAsync(KeyProvider.Aws);
        // Asked for, but the machine's own agent does not play: this test is the agent.
        while (_world.Nodes.Count < 3)
            await Task.Delay(10, Cancellation);
        _node = _world.Nodes.First().Id;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _key.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_node_enrols_polls_wraps_and_unwraps()
    {
        var enrolled = (await (await EnrolAsync()).Content.ReadFromJsonAsync<EnrolAnswer>(EarJson.Options, Cancellation))!;
        var goal = (await (await PostAsync(AgentApi.Poll, Poll(known: 0))).Content.ReadFromJsonAsync<NodeGoal>(EarJson.Options, Cancellation))!;
        Assert.Equal((WantedProcess.Running, EncryptionMode.Aes256Gcm), (goal.Process, goal.Encryption));

        var (keyId, key) = (Guid.NewGuid().ToString(), RandomNumberGenerator.GetBytes(32));
        var box = SealedBox.Seal(key, SealedBox.ImportPublicKey(enrolled.SealingKey), AgentApi.KeyPurpose(_node, keyId));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(AgentApi.Wrap, new WrapRequest(keyId, box))).StatusCode);
        var unwrapped = (await (await PostAsync(AgentApi.Unwrap, new UnwrapRequest(keyId))).Content.ReadFromJsonAsync<UnwrapAnswer>(EarJson.Options, Cancellation))!;
        using var own = ECDiffieHellman.Create(_key.ExportParameters(includePrivateParameters: true));
        Assert.Equal(key, SealedBox.Open(unwrapped.Sealed, own, AgentApi.KeyPurpose(_node, keyId)));
    }

    [Fact]
    public async Task The_sealing_key_is_told_again_to_whoever_signs()
    {
        var enrolled = (await (await EnrolAsync()).Content.ReadFromJsonAsync<EnrolAnswer>(EarJson.Options, Cancellation))!;

        Assert.Equal(enrolled, await (await PostAsync(AgentApi.SealingKey, new SealingKeyRequest())).Content.ReadFromJsonAsync<EnrolAnswer>(EarJson.Options, Cancellation));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.PostAsJsonAsync(AgentApi.SealingKey, new SealingKeyRequest(), Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_poll_in_flight_is_answered_when_the_host_stops()
    {
        await EnrolAsync();
        var goal = (await (await PostAsync(AgentApi.Poll, Poll(known: 0))).Content.ReadFromJsonAsync<NodeGoal>(EarJson.Options, Cancellation))!;
        var asked = Poll(goal.Goal);
        var poll = PostAsync(AgentApi.Poll, asked with { Report = asked.Report with { WaitingFor = "the host's stop" } });
        while ((await _world.Store.FindAsync(ConfiguredProject.Id, _node, Cancellation))!.Document.Report?.WaitingFor is null)
            await Task.Delay(10, Cancellation);
        // Not answered but cut off after the host's whole patience, if the poll does not hear of the stop.
        await _world.Host.StopAsync(Cancellation);
        var status = (await poll).StatusCode;
        Assert.True(status is HttpStatusCode.NoContent or HttpStatusCode.OK, status.ToString());
    }

    [Fact]
    public async Task A_request_works_once()
    {
        await EnrolAsync();
        var body = JsonSerializer.SerializeToUtf8Bytes(Poll(known: 0), EarJson.Options);
        var signature = Sign(AgentApi.Poll, body, DateTimeOffset.UtcNow);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(AgentApi.Poll, body, signature)).StatusCode);
        await RefusedAsync(await SendAsync(AgentApi.Poll, body, signature), 401, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_signature_over_another_body_path_time_or_key_is_refused()
    {
        await EnrolAsync();
        var body = JsonSerializer.SerializeToUtf8Bytes(Poll(known: 0), EarJson.Options);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        string?[] wrong =
        [
            null, "", "Bearer x", "MongoNode nonsense",
            Sign(AgentApi.Poll, [.. body, (byte)' '], now),
            Sign(AgentApi.Wrap, body, now),
            Sign(AgentApi.Poll, body, now.AddMinutes(-6)),
            Sign(AgentApi.Poll, body, now.AddMinutes(6)),
            AgentSignature.Sign(stranger, ConfiguredProject.Id, _node, "POST", AgentApi.Poll, body, now, RandomNumberGenerator.GetBytes(16)),
            AgentSignature.Sign(_key, ConfiguredProject.Id, _world.Nodes.Last().Id, "POST", AgentApi.Poll, body, now, RandomNumberGenerator.GetBytes(16)),
        ];
        foreach (var signature in wrong)
            await RefusedAsync(await SendAsync(AgentApi.Poll, body, signature), 401, "UNAUTHORIZED");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"report\":{},\"knownGoal\":0}")]
    [InlineData("{\"report\":7}")]
    public async Task A_body_that_cannot_be_read_is_said_so(string body)
    {
        await EnrolAsync();
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        await RefusedAsync(await SendAsync(AgentApi.Poll, bytes, Sign(AgentApi.Poll, bytes, DateTimeOffset.UtcNow)), 400, "MALFORMED");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await EnrolAsync();
        var bytes = new byte[AgentGate.BodyLimitBytes + 1];
        await RefusedAsync(await SendAsync(AgentApi.Poll, bytes, Sign(AgentApi.Poll, bytes, DateTimeOffset.UtcNow)), 400, "MALFORMED");
    }

    [Fact]
    public async Task Each_refusal_has_the_status_that_the_agent_acts_on()
    {
        await RefusedAsync(await EnrolAsync(token: "guessed"), 401, "UNAUTHORIZED");
        await EnrolAsync();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusedAsync(await EnrolAsync(key: other), 409, "ALREADY_USED");
        await RefusedAsync(await PostAsync(AgentApi.Unwrap, new UnwrapRequest("never")), 404, "KEY_NOT_FOUND");

        _world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, ""));
        await RefusedAsync(await PostAsync(AgentApi.Wrap, await WrapAsync()), 503, "UNAVAILABLE");
        _world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.KeyDisabled, ""));
        await RefusedAsync(await PostAsync(AgentApi.Wrap, await WrapAsync()), 403, "KEY_INVALID");

        var (node, version) = (await _world.Store.FindAsync(ConfiguredProject.Id, _node, Cancellation))!;
        await _world.Store.SaveAsync(node with { Removed = true }, version, [], Cancellation);
        await RefusedAsync(await PostAsync(AgentApi.Poll, Poll(known: 0)), 410, "REMOVED");
    }

    private async Task<WrapRequest> WrapAsync()
    {
        var enrolled = (await (await EnrolAsync()).Content.ReadFromJsonAsync<EnrolAnswer>(EarJson.Options, Cancellation))!;
        var keyId = Guid.NewGuid().ToString();
        return new(keyId, SealedBox.Seal(new byte[32], SealedBox.ImportPublicKey(enrolled.SealingKey), AgentApi.KeyPurpose(_node, keyId)));
    }

    private Task<HttpResponseMessage> EnrolAsync(string? token = null, ECDsa? key = null)
        => _http.PostAsJsonAsync(AgentApi.Enroll, new EnrolRequest(
            ConfiguredProject.Id.Value, _node.Value, token ?? _world.Nodes.First().Token, Convert.ToBase64String((key ?? _key).ExportSubjectPublicKeyInfo()), "host0:27017"), EarJson.Options, Cancellation);

    private static PollRequest Poll(long known) => new(
        new NodeReport("1", "boot", 1, 0, "host0:27017", MongodReport.Stopped, EncryptionMode.None, null, "M10", GoalVerdict.None), known);

    private Task<HttpResponseMessage> PostAsync(string path, object body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, EarJson.Options);
        return SendAsync(path, bytes, Sign(path, bytes, DateTimeOffset.UtcNow));
    }

    private string Sign(string path, byte[] body, DateTimeOffset at)
        => AgentSignature.Sign(_key, ConfiguredProject.Id, _node, "POST", path, body, at, RandomNumberGenerator.GetBytes(16));

    private async Task<HttpResponseMessage> SendAsync(string path, byte[] body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", signature);
        return await _http.SendAsync(request, Cancellation);
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, int status, string code)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("errorCode").GetString());
    }
}
