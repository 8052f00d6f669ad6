using System.Diagnostics;
using Ear.Agent.Storage;

namespace Ear.Agent.Processes;

/// <summary>
/// A shell starts mongod in a session of its own and becomes it. Before that, it takes a lock that lives as long as mongod does
/// and writes its id: so an agent that is killed at any moment finds the mongod it started, and can never start a second one.
/// </summary>
internal sealed class DetachedProcessHost(AgentFolder folder, string program, TimeProvider time) : IProcessHost, IDisposable
{
    private const int LockHeld = 75;
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(10);

    // $1 lock, $2 pid file, $3 output, $4 boot id, then the command. Descriptor 9 stays open in mongod and holds the lock.
    private const string Script = """
        umask 077
        lock=$1; pid=$2; out=$3; boot=$4; shift 4
        if command -v flock >/dev/null 2>&1; then exec 9>>"$lock"; flock -n 9 || exit 75; fi
        ticks() { shift 19; echo "$1"; }
        start=0
        if [ -r "/proc/$$/stat" ]; then stat=$(cat "/proc/$$/stat"); start=$(ticks ${stat##*)}); fi
        printf '%s %s %s\n' "$$" "$start" "$boot" > "$pid.new" && mv "$pid.new" "$pid" || exit 74
        exec "$@" </dev/null >>"$out" 2>&1
        """;

    // Kept so that the runtime reaps the child when it ends.
    private Process? child;

    public ProcessMark? Find() => Read() is { } mark && ProcessTable.IsAlive(mark) ? mark : null;

    public async Task<ProcessMark> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (Find() is { } running)
            return running;
        child?.Dispose();
        child = Launch(arguments);
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < StartWithin)
        {
            if (Read() is { } mark && (mark.ProcessId == child.Id || ProcessTable.IsAlive(mark)))
                return mark;
            // Lock held, yet no living id: the holder is between its lock and its id, so look again.
            if (child.HasExited && child.ExitCode != LockHeld)
                throw new ProcessStartException($"The shell that starts mongod ended with code {child.ExitCode} before it could; see {folder.MongodOutput}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation);
        }

        throw new ProcessStartException($"mongod was not started within {StartWithin.TotalSeconds} s; see {folder.MongodOutput}.");
    }

    public void Terminate(ProcessMark process) => Signal(process, NativeMethods.SignalTerminate);

    public void Kill(ProcessMark process) => Signal(process, NativeMethods.SignalKill);

    /// <summary>Lets go of it; mongod goes on.</summary>
    public void Dispose() => child?.Dispose();

    private Process Launch(IReadOnlyList<string> arguments)
    {
        if (OperatingSystem.IsWindows())
            throw new ProcessStartException("The agent runs mongod on Linux and macOS only.");
        List<string> command = ["/bin/sh", "-c", Script, "mongod-start", folder.MongodLock, folder.MongodPid, folder.MongodOutput, ProcessTable.BootId];
        if (FindOnPath("setsid") is { } setsid)
            command.Insert(0, setsid);
        command.AddRange(MongodProgram.CommandFor(program));
        command.AddRange(arguments);
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, WorkingDirectory = folder.Root })
                ?? throw new ProcessStartException($"{command[0]} was not started.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new ProcessStartException($"{command[0]} cannot be started: {exception.Message}", exception);
        }
    }

    private static string? FindOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static void Signal(ProcessMark process, int signal)
    {
        // Checked right before: the id may have been given to somebody else since.
        if (ProcessTable.IsAlive(process))
            _ = NativeMethods.Kill(process.ProcessId, signal);
    }

    private ProcessMark? Read()
    {
        if (!File.Exists(folder.MongodPid))
            return null;
        return File.ReadAllText(folder.MongodPid).Trim().Split(' ') is [var id, var ticks, var boot]
            && int.TryParse(id, out var processId) && long.TryParse(ticks, out var startTicks)
            ? new ProcessMark(processId, startTicks, boot)
            : null;
    }
}
