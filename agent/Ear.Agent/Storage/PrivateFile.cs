using System.Text;

namespace Ear.Agent.Storage;

/// <summary>Files only the agent's user may read, replaced whole: after a crash there is the old content or the new one, never half.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        // A left-over of a crash might carry another mode: mode is only set when a file is created.
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(fresh, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes renames and creations in <paramref name="folder"/> survive a power cut.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = NativeMethods.Open(folder, flags: 0);
        if (handle < 0)
            throw new IOException($"Cannot open {folder} to flush it.");
        try
        {
            if (NativeMethods.Fsync(handle) != 0)
                throw new IOException($"Cannot flush {folder}.");
        }
        finally
        {
            _ = NativeMethods.Close(handle);
        }
    }
}
