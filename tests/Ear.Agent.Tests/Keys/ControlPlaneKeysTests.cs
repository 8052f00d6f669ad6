using Ear.Agent.Keys;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;

namespace Ear.Agent.Tests.Keys;

public sealed class ControlPlaneKeysTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_travels_sealed_and_comes_back_the_same()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        Assert.Equal(Key, agent.Node.Keys[id]);
        Assert.Equal([id], agent.Ledger.Ids);
        using var read = Assert.IsType<KeyReading.Read>(await agent.Keys.UnwrapAsync(id, Cancellation)).Key;
        Assert.Equal(Key, read.Span.ToArray());
    }

    [Fact]
    public async Task A_control_plane_whose_sealing_key_was_renewed_gets_new_keys_sealed_to_it()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var before = await RegisterAsync(agent);
        agent.ControlPlane.RenewSealingKey();

        var id = await RegisterAsync(agent);

        Assert.Equal(Key, agent.Node.Keys[id]);
        Assert.Equal(agent.ControlPlane.SealingKey, agent.State.Current.SealingKey);
        using var read = Assert.IsType<KeyReading.Read>(await agent.Keys.UnwrapAsync(before, Cancellation)).Key;
        Assert.Equal(Key, read.Span.ToArray());
    }

    [Theory]
    [InlineData(GoalVerdict.Valid, "Active")]
    [InlineData(GoalVerdict.Unreachable, "Active")]
    [InlineData(GoalVerdict.None, "Active")]
    [InlineData(GoalVerdict.Invalid, "Deactivated")]
    public async Task The_state_is_the_verdict(GoalVerdict verdict, string state)
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        Assert.Equal(KeyState.Unknown, await agent.Keys.StateAsync(id, Cancellation));
        agent.Hear(verdict);
        Assert.Equal(state, (await agent.Keys.StateAsync(id, Cancellation)).ToString());
    }

    [Fact]
    public async Task With_the_control_plane_away_the_last_verdict_stays_and_keys_are_unavailable()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        agent.Hear(GoalVerdict.Valid);
        // A proxy's words are not the control plane's, whatever they are.
        foreach (var status in new[] { 404, 403, 410, 401, 500, 503 })
        {
            agent.ControlPlane.ProxyStatus = status;
            Assert.IsType<KeyReading.Unavailable>(await agent.Keys.UnwrapAsync(id, Cancellation));
            Assert.IsType<KeyReading.Unavailable>(await agent.Keys.UnwrapAsync("never seen here", Cancellation));
            Assert.IsType<KeyRegistration.Unavailable>(await agent.Keys.RegisterAsync(Key, Cancellation));
            Assert.Equal(KeyState.Active, await agent.Keys.StateAsync(id, Cancellation));
            Assert.Equal(KeyState.Unknown, await agent.Keys.StateAsync("never seen here", Cancellation));
        }
    }

    [Fact]
    public async Task An_outage_of_the_KMS_is_unavailable_and_a_revoked_key_is_invalid()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        agent.ControlPlane.KmsAway = true;
        Assert.IsType<KeyReading.Unavailable>(await agent.Keys.UnwrapAsync(id, Cancellation));
        agent.ControlPlane.KmsAway = false;
        agent.ControlPlane.KeyInvalid = true;
        Assert.IsType<KeyReading.Invalid>(await agent.Keys.UnwrapAsync(id, Cancellation));
        Assert.IsType<KeyRegistration.Invalid>(await agent.Keys.RegisterAsync(Key, Cancellation));
    }

    [Fact]
    public async Task A_control_plane_that_was_restored_without_a_key_is_given_it_back_when_the_key_is_asked_for()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        agent.Node.Keys.Clear();
        agent.ControlPlane.TakesBack = true;

        using var read = Assert.IsType<KeyReading.Read>(await agent.Keys.UnwrapAsync(id, Cancellation)).Key;

        Assert.Equal(Key, read.Span.ToArray());
        Assert.Equal(1, agent.Node.Returns);
    }

    [Fact]
    public async Task After_a_restore_every_key_is_given_back_once_also_over_an_outage()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        string[] ids = [await RegisterAsync(agent), await RegisterAsync(agent)];
        agent.Node.Keys.Clear();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = new KeyReturns(agent.Goals, agent.State, agent.Keys, TimeProvider.System, new SystemIds(TimeProvider.System), agent.LoggerFor<KeyReturns>()).RunAsync(stop.Token);
        agent.Hear(GoalVerdict.Valid);
        Assert.Equal(0, agent.Node.Returns);

        agent.Goals.Accept(agent.Goals.Current! with { Goal = 100, Restore = 7 });
        await Eventually.HoldsAsync(() => agent.Node.Returns >= 2, "the keys are offered");
        Assert.Equal(0, agent.State.Current.KeysReturnedAfter);
        agent.ControlPlane.TakesBack = true;
        await Eventually.HoldsAsync(() => agent.State.Current.KeysReturnedAfter == 7, "the keys are back");

        Assert.Equal(ids.Order(StringComparer.Ordinal), agent.Node.Keys.Keys.Order(StringComparer.Ordinal));
        var returns = agent.Node.Returns;
        agent.Goals.Accept(agent.Goals.Current! with { Goal = 101 });
        agent.Goals.Accept(agent.Goals.Current! with { Goal = 102, Restore = 8 });
        await Eventually.HoldsAsync(() => agent.State.Current.KeysReturnedAfter == 8, "a second restore is heard of");
        Assert.Equal(returns + 2, agent.Node.Returns);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Only_an_id_that_nobody_ever_had_was_never_registered()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        agent.Hear(GoalVerdict.Valid);
        var id = await RegisterAsync(agent);
        Assert.IsType<KeyReading.NeverRegistered>(await agent.Keys.UnwrapAsync("nosuch", Cancellation));
        Assert.Equal(KeyState.NeverRegistered, await agent.Keys.StateAsync("nosuch", Cancellation));
        // The control plane forgot a key whose wrapped form we hold: its fault, and no reason to stop anything.
        agent.Node.Keys.Clear();
        Assert.IsType<KeyReading.Unavailable>(await agent.Keys.UnwrapAsync(id, Cancellation));
        Assert.Equal(KeyState.Active, await agent.Keys.StateAsync(id, Cancellation));
    }

    [Fact]
    public async Task A_no_to_one_unwrap_is_not_the_verdict_that_stops_mongod()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        agent.Hear(GoalVerdict.Valid);
        agent.Node.Keys["of a restored disk"] = Key;
        agent.ControlPlane.KeyInvalid = true;
        Assert.Equal(KeyState.Active, await agent.Keys.StateAsync("of a restored disk", Cancellation));
        agent.Hear(GoalVerdict.Invalid);
        Assert.Equal(KeyState.Deactivated, await agent.Keys.StateAsync("of a restored disk", Cancellation));
    }

    [Fact]
    public async Task No_key_is_in_logs_or_files()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var id = await RegisterAsync(agent);
        agent.ControlPlane.KeyInvalid = true;
        Assert.IsType<KeyReading.Invalid>(await agent.Keys.UnwrapAsync(id, Cancellation));
        var texts = Directory.EnumerateFiles(Path.GetDirectoryName(agent.KeyFile)!).Select(File.ReadAllText).Append(agent.Logs.Text);
        foreach (var text in texts)
        {
            Assert.DoesNotContain(Convert.ToBase64String(Key), text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(Key), text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task<string> RegisterAsync(EnrolledAgent agent) =>
        Assert.IsType<KeyRegistration.Stored>(await agent.Keys.RegisterAsync(Key, Cancellation)).KeyId;
}
