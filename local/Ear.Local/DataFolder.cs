using System.Diagnostics;
using System.Globalization;
using Ear.Local.Machines;

namespace Ear.Local;

/// <summary>The folder that holds everything of one local Ear; one process at a time uses it.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string HostPidFile = "ear.pid";
    private readonly FileStream @lock;

    private DataFolder(string path, FileStream @lock)
    {
        Path = path;
        this.@lock = @lock;
    }

    public string Path { get; }

    /// <exception cref="IOException">Another Ear uses the folder, or it cannot be written; the text says what to do.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(full);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        FileStream held;
        try
        {
            held = new(System.IO.Path.Combine(full, "ear.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"Another Ear uses {full}. Stop it, or name another folder with --data.", e);
        }
        using var self = Process.GetCurrentProcess();
        PidFile.Write(System.IO.Path.Combine(full, HostPidFile), self);
        return new(full, held);
    }

    public string Sub(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>
    /// The port to listen on when the person asked for any free one: the one of the last start while it is free, because agents
    /// that outlived that start know it.
    /// </summary>
    public int RememberedPort(string name)
    {
        var file = Sub($"{name}.port");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && FreePort.IsFree(port))
            return port;
        port = FreePort.Next();
        File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
        return port;
    }

    public void Dispose()
    {
        File.Delete(Sub(HostPidFile));
        @lock.Dispose();
    }
}
