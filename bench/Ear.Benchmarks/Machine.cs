using System.Runtime.InteropServices;

namespace Ear.Benchmarks;

internal static class Machine
{
    /// <summary>When, on what, and how busy it was with other things.</summary>
    public static string Describe() =>
        $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {RuntimeInformation.OSDescription}, load {Load()}";

    /// <summary>Processes that wanted a core during the last minute; where it is above the idle value, others shared the machine.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
