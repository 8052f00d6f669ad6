using System.Runtime.InteropServices;

namespace Ear.Agent.Storage;

/// <summary>What .NET has no call for: flushing a folder, and signals to a process that is not our child any more.</summary>
internal static partial class NativeMethods
{
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int processId, int signal);
}
