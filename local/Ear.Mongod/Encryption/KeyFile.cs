using Ear.Mongod.Options;

namespace Ear.Mongod.Encryption;

/// <summary>A master key in a file: base64 of 32 bytes, readable by nobody but the owner.</summary>
internal static class KeyFile
{
    private const UnixFileMode Forbidden = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public static byte[] Read(string path)
    {
        if (!File.Exists(path)) throw Refused($"The encryption key file {path} does not exist");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Forbidden) != UnixFileMode.None)
            throw Refused($"permissions on {path} are too open; they must be 0600 or 0400");
        var key = new byte[33];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var length) && length == 32
            ? key[..32]
            : throw Refused($"The encryption key file {path} must hold exactly one base64 key of 32 bytes");
    }

    private static StartupException Refused(string what) =>
        new(ExitCode.PerconaDataAtRestEncryptionError, $"Data-at-Rest Encryption Error: {what}");
}
