using System.Diagnostics;

namespace Ear.Agent.Processes;

/// <summary>Who runs: from /proc where there is one, which no clock change can confuse.</summary>
internal static class ProcessTable
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Another one after each start of the machine.</summary>
    public static string BootId { get; } = File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : "unknown";

    public static bool IsAlive(ProcessMark process)
    {
        if (process.BootId != BootId)
            return false;
        if (OperatingSystem.IsLinux())
            return TryReadStat(process.ProcessId, out var state, out var ticks) && state is not ('Z' or 'X') && ticks == process.StartTicks;
        try
        {
            using var found = Process.GetProcessById(process.ProcessId);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryReadStat(int processId, out char state, out long startTicks)
    {
        (state, startTicks) = ('X', 0);
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{processId}/stat");
        }
        catch (IOException)
        {
            // It ended; /proc reports that while opening or while reading.
            return false;
        }

        // The name in parentheses may itself hold spaces and parentheses: fields count from the last one. State is field 3, start field 22.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        state = fields[0][0];
        return long.TryParse(fields[19], out startTicks);
    }
}
