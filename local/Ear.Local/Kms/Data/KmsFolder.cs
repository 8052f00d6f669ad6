using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ear.Local.Kms.Data;

/// <summary>The data folder: mode 0700, every file in it 0600. Files are replaced whole (write, flush, rename), so dying at any point leaves the old or the new one.</summary>
internal sealed class KmsFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly string path;

    public KmsFolder(string path)
    {
        this.path = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(this.path);
        else
            Directory.CreateDirectory(this.path, OwnerOnly | UnixFileMode.UserExecute);
    }

    public string Path(string name) => System.IO.Path.Combine(path, name);

    /// <summary>The key under which all key material and session tokens are sealed.</summary>
    public byte[] FileKey()
    {
        const string name = "kms.key";
        if (!File.Exists(Path(name)))
        {
            if (File.Exists(Path(KmsDocuments.FileName)))
                throw new InvalidOperationException($"{Path(name)} is missing, and without it the keys in {Path(KmsDocuments.FileName)} cannot be opened. Restore it, or choose another data folder.");
            Write(name, RandomNumberGenerator.GetBytes(32));
        }
        MustBePrivate(name);
        var key = File.ReadAllBytes(Path(name));
        return key.Length == 32 ? key : throw new InvalidOperationException($"{Path(name)} must hold 32 bytes but holds {key.Length}. Restore it, or choose another data folder.");
    }

    public T? Read<T>(string name)
        where T : class
    {
        if (!File.Exists(Path(name)))
            return null;
        MustBePrivate(name);
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path(name)), JsonSerializerOptions.Web);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{Path(name)} is not the JSON this version writes ({e.Message}). Repair or remove it.", e);
        }
    }

    public void Write<T>(string name, T content)
        where T : class => Write(name, JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web));

    /// <returns>null when there is no such file.</returns>
    public string? ReadText(string name)
    {
        if (!File.Exists(Path(name)))
            return null;
        MustBePrivate(name);
        return File.ReadAllText(Path(name));
    }

    public void WriteText(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    private void Write(string name, byte[] content)
    {
        var temporary = Path(name + ".new");
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, Path(name), overwrite: true);
    }

    private void MustBePrivate(string name)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path(name)) & Others) != UnixFileMode.None)
            throw new InvalidOperationException($"{Path(name)} can be read by others. Run: chmod 600 {Path(name)}");
    }
}
