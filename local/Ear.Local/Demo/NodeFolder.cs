using System.Diagnostics;
using Ear.Local.Machines;

namespace Ear.Local.Demo;

/// <summary>One node on this machine, seen from outside: its folder, its data files, its processes.</summary>
internal sealed record NodeFolder(string Path)
{
    public string DataPath => System.IO.Path.Combine(Path, "db");

    public string Name => System.IO.Path.GetFileName(Path);

    public static IReadOnlyList<NodeFolder> In(string dataDirectory)
    {
        var nodes = System.IO.Path.Combine(dataDirectory, LocalMachines.Folder);
        return Directory.Exists(nodes) ? [.. Directory.EnumerateDirectories(nodes).Order(StringComparer.Ordinal).Select(p => new NodeFolder(p))] : [];
    }

    /// <summary>The process of mongod, or null when it does not run.</summary>
    public Process? Mongod() => PidFile.Open(System.IO.Path.Combine(Path, LocalMachines.MongodPidFile));

    public Process? Agent() => PidFile.Open(System.IO.Path.Combine(Path, LocalMachines.AgentPidFile));

    public bool MongodRuns()
    {
        using var process = Mongod();
        return process is not null;
    }

    /// <summary>Files anywhere in the node's folder that hold the text in clear.</summary>
    public IReadOnlyList<string> FilesHolding(ReadOnlySpan<byte> text)
    {
        var found = new List<string>();
        // Locks cannot be opened while they are held: they are empty, or hold a process id.
        foreach (var file in new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Length > 0 && f.Name != "mongod.lock").Select(f => f.FullName))
        {
            if (Holds(file, text))
                found.Add(System.IO.Path.GetRelativePath(Path, file));
        }
        return found;
    }

    private static bool Holds(string file, ReadOnlySpan<byte> text)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[1 << 20];
            var kept = 0;
            for (int read; (read = stream.Read(buffer, kept, buffer.Length - kept)) > 0;)
            {
                var length = kept + read;
                if (buffer.AsSpan(0, length).IndexOf(text) >= 0)
                    return true;
                kept = Math.Min(text.Length - 1, length);
                buffer.AsSpan(length - kept, kept).CopyTo(buffer);
            }
            return false;
        }
        catch (FileNotFoundException)
        {
            // Gone between listing and opening: a running mongod replaces files.
            return false;
        }
    }
}
