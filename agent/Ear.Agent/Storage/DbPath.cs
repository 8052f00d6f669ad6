using System.Security.Cryptography;
using System.Text;
using Ear.Nodes;

namespace Ear.Agent.Storage;

internal sealed class DbPath(AgentFolder folder, NodeId nodeId) : IDbPath
{
    private const string MarkerName = "ear-node.json";
    private readonly JsonFile<DbMarker> marker = new(Path.Combine(folder.DbPath, MarkerName));

    public DbMarker? Marker => marker.Load();

    public bool IsForeign =>
        Directory.Exists(folder.DbPath) && (Marker is { } found ? found.NodeId != nodeId.Value : Directory.EnumerateFileSystemEntries(folder.DbPath).Any());

    public DiskSpace? Space
    {
        get
        {
            if (!Directory.Exists(folder.DbPath))
                return null;
            try
            {
                var files = new DirectoryInfo(folder.DbPath).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true });
                var disk = new DriveInfo(folder.DbPath);
                return new(disk.AvailableFreeSpace, disk.TotalSize, files.Sum(file => file.Length));
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                // mongod removed something between listing and looking: no sum this time.
                return null;
            }
        }
    }

    public bool HasKeystore => Directory.Exists(Path.Combine(folder.DbPath, "key.db")) || Directory.Exists(Path.Combine(folder.DbPath, "key.store"));

    public void Mark(DbMarker document)
    {
        Create(folder.DbPath);
        marker.Save(document);
    }

    public bool IsAside(string opId) => Directory.Exists(Aside(opId));

    public void MoveAside(string opId, DbMarker fresh)
    {
        if (!IsAside(opId))
        {
            if (Marker?.NodeId != nodeId.Value)
                throw new InvalidOperationException($"{folder.DbPath} does not carry this node's marker: it is not moved.");
            Rename(folder.DbPath, Aside(opId));
        }

        // We may have died right after the rename, or between creating the folder and marking it.
        if (Marker is null)
            Mark(fresh);
    }

    public void MoveBack(string opId)
    {
        if (IsAside(opId))
        {
            if (Directory.Exists(folder.DbPath))
            {
                // Nobody else makes this name for this operation; a half-deleted one would block the rename.
                Delete(Failed(opId));
                Rename(folder.DbPath, Failed(opId));
            }

            Rename(Aside(opId), folder.DbPath);
        }

        Delete(Failed(opId));
    }

    public void DeleteAside(string opId) => Delete(Aside(opId));

    private string Aside(string opId) => folder.DbPath + ".old-" + Safe(opId);

    private string Failed(string opId) => folder.DbPath + ".failed-" + Safe(opId);

    // An operation id is the control plane's text; as part of a path it must not lead elsewhere.
    private static string Safe(string opId)
    {
        if (opId.Length is > 0 and <= 100 && opId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return opId;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(opId)))[..32];
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Rename(string from, string to)
    {
        Directory.Move(from, to);
        PrivateFile.FlushFolder(folder.Root);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
