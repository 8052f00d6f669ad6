using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;

namespace Ear.Agent.Tests.Processes;

/// <summary>With a real process: a shell script in mongod's place that lives until it is ended.</summary>
public sealed class DetachedProcessHostTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();
    private readonly string program;

    public DetachedProcessHostTests()
    {
        program = temporary["mongod.sh"];
        // Its arguments are written down; it ignores a terminal's signal like a session of its own does.
        File.WriteAllText(program, "#!/bin/sh\necho \"$@\" >> \"$0.args\"\nexec sleep 1000\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose()
    {
        using (var host = Host())
        {
            if (host.Find() is { } process)
                host.Kill(process);
        }

        temporary.Dispose();
    }

    [Fact]
    public async Task A_new_agent_finds_the_mongod_of_the_old_one_and_starts_no_second()
    {
        ProcessMark started;
        using (var host = Host())
        {
            started = await StartAsync(host, "--first");
        }

        using var next = Host();
        Assert.Equal(started, next.Find());
        Assert.Equal(started, await StartAsync(next, "--second"));
        await Eventually.HoldsAsync(() => File.Exists(program + ".args"), "the program ran");
        Assert.Equal("--first\n", await File.ReadAllTextAsync(program + ".args", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_agents_at_the_same_moment_start_one_mongod()
    {
        using var one = Host();
        using var other = Host();
        var marks = await Task.WhenAll(StartAsync(one, "--one"), StartAsync(other, "--other"));
        Assert.Equal(marks[0], marks[1]);
    }

    [Fact]
    public async Task It_runs_in_a_session_of_its_own()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Sessions are read from /proc.");
        using var host = Host();
        var started = await StartAsync(host);
        var stat = await File.ReadAllTextAsync($"/proc/{started.ProcessId}/stat", TestContext.Current.CancellationToken);
        // Session is field 6; the fields after the name begin with field 3.
        Assert.Equal($"{started.ProcessId}", stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3]);
    }

    [Fact]
    public async Task It_is_not_found_once_it_was_ended()
    {
        using var host = Host();
        host.Terminate(await StartAsync(host));
        await Eventually.HoldsAsync(() => host.Find() is null, "it is gone");
        var again = await StartAsync(host);
        host.Kill(again);
        await Eventually.HoldsAsync(() => host.Find() is null, "it is gone");
    }

    [Fact]
    public async Task Another_process_with_its_number_is_not_it()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Start times are read from /proc.");
        using var host = Host();
        var started = await StartAsync(host);
        var pidFile = temporary["mongod.pid"];
        var mine = await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(pidFile, $"{Environment.ProcessId} {started.StartTicks} {ProcessTable.BootId}\n", TestContext.Current.CancellationToken);
        Assert.Null(host.Find());
        await File.WriteAllTextAsync(pidFile, $"{started.ProcessId} {started.StartTicks} another-boot\n", TestContext.Current.CancellationToken);
        Assert.Null(host.Find());
        await File.WriteAllTextAsync(pidFile, mine, TestContext.Current.CancellationToken);
        Assert.Equal(started, host.Find());
    }

    [Fact]
    public async Task A_mongod_that_is_not_there_is_named()
    {
        var exception = await Assert.ThrowsAsync<ProcessStartException>(() => MongodProgram.AskAsync(temporary["nosuch"], TestContext.Current.CancellationToken));
        Assert.Contains("nosuch", exception.Message, StringComparison.Ordinal);
        Assert.Contains("EAR_MONGOD", exception.Message, StringComparison.Ordinal);
    }

    private DetachedProcessHost Host() => new(new AgentFolder(temporary.Path), program, TimeProvider.System);

    private static Task<ProcessMark> StartAsync(DetachedProcessHost host, params string[] arguments) => host.StartAsync(arguments, TestContext.Current.CancellationToken);
}
