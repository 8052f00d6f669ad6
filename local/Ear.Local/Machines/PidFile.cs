using System.Diagnostics;
using System.Globalization;

namespace Ear.Local.Machines;

/// <summary>
/// A process remembered across restarts as "pid". A pid is used again by the system, so the process must also have
/// been started before the file was written; otherwise the file is stale and names nobody.
/// </summary>
internal static class PidFile
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    public static void Write(string path, Process process)
        => File.WriteAllText(path, process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The living process, or null.</summary>
    public static Process? Open(string path)
    {
        // An agent writes more behind the pid of its mongod: start time and boot id.
        if (!File.Exists(path) || !int.TryParse(File.ReadAllText(path).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            return null;
        try
        {
            var process = Process.GetProcessById(pid);
            if (!process.HasExited && !IsZombie(pid) && process.StartTime.ToUniversalTime() <= File.GetLastWriteTimeUtc(path) + Slack)
                return process;
            process.Dispose();
            return null;
        }
        catch (ArgumentException)
        {
            return null; // no such process
        }
        catch (InvalidOperationException)
        {
            return null; // it ended while we looked
        }
    }

    // A killed process stays in the table until its parent collects it; in a container that may be never.
    private static bool IsZombie(int pid)
    {
        var stat = $"/proc/{pid}/stat";
        try
        {
            return File.Exists(stat) && File.ReadAllText(stat) is var text && text[(text.LastIndexOf(')') + 2)..].StartsWith('Z');
        }
        catch (IOException)
        {
            return true; // it ended while we looked
        }
    }
}
