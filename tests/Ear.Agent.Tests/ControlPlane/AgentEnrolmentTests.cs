using Ear.Agent.ControlPlane;
using Ear.Agent.Tests.Fakes;

namespace Ear.Agent.Tests.ControlPlane;

public sealed class AgentEnrolmentTests
{
    [Fact]
    public async Task The_token_is_used_once_and_removed_and_the_key_is_private()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        Assert.Equal(agent.ControlPlane.SealingKey, agent.State.Current.SealingKey);
        Assert.Equal("127.0.0.1:27017", agent.Node.HostPort);
        Assert.False(File.Exists(agent.TokenFile));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(agent.KeyFile));
        // Enrolled already: nothing is asked, no token is needed.
        await agent.EnrolAsync();
        Assert.DoesNotContain(agent.Node.Token, agent.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_enrolment_whose_answer_was_lost_is_repeated_with_the_same_key()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        var key = agent.Node.PublicKey;
        // We died before the answer was on disk: the token is still there.
        agent.State.Update(state => state with { SealingKey = null });
        await File.WriteAllTextAsync(agent.TokenFile, agent.Node.Token, TestContext.Current.CancellationToken);
        await agent.EnrolAsync();
        Assert.Equal(key, agent.Node.PublicKey);
    }

    [Fact]
    public async Task A_wrong_token_says_what_to_do_and_is_kept()
    {
        await using var agent = await EnrolledAgent.StartAsync(enrol: false);
        await File.WriteAllTextAsync(agent.TokenFile, "wrong", TestContext.Current.CancellationToken);
        var exception = await Assert.ThrowsAsync<FatalException>(agent.EnrolAsync);
        Assert.Contains("Make a new one", exception.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(agent.TokenFile));
    }

    [Fact]
    public async Task A_token_used_by_somebody_else_is_an_alarm()
    {
        await using var agent = await EnrolledAgent.StartAsync(enrol: false);
        agent.Node.PublicKey = "another";
        await Assert.ThrowsAsync<FatalException>(agent.EnrolAsync);
    }

    [Fact]
    public async Task Enrolment_waits_while_the_control_plane_is_away()
    {
        await using var agent = await EnrolledAgent.StartAsync(enrol: false);
        agent.ControlPlane.ProxyStatus = 401;
        var enrolling = agent.EnrolAsync();
        await Eventually.HoldsAsync(() => agent.Logs.Text.Contains("Enrolment waits", StringComparison.Ordinal), "it waits");
        agent.ControlPlane.ProxyStatus = null;
        await enrolling;
        Assert.NotNull(agent.State.Current.SealingKey);
    }
}
