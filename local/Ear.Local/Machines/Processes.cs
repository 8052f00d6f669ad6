using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ear.Local.Machines;

/// <summary>Stopping processes that are known by a pid file.</summary>
internal static partial class Processes
{
    private const int SigTerm = 15;

    /// <summary>SIGTERM to all, then a bounded wait, then SIGKILL to the rest.</summary>
    public static async Task StopAsync(IEnumerable<string> pidFiles, TimeSpan bound, TimeProvider time, CancellationToken cancellation)
    {
        var files = pidFiles.ToArray();
        foreach (var file in files)
            Terminate(file);
        var start = time.GetTimestamp();
        while (files.Any(Runs) && time.GetElapsedTime(start) < bound)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
        foreach (var file in files)
            Kill(file);
    }

    public static void Kill(string pidFile)
    {
        using var process = PidFile.Open(pidFile);
        try
        {
            process?.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended while we looked.
        }
    }

    private static void Terminate(string pidFile)
    {
        using var process = PidFile.Open(pidFile);
        if (process is null)
            return;
        if (OperatingSystem.IsWindows())
            process.Kill();
        else
            _ = SendSignal(process.Id, SigTerm); // an error means that it ended while we looked
    }

    private static bool Runs(string pidFile)
    {
        using var process = PidFile.Open(pidFile);
        return process is not null;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
