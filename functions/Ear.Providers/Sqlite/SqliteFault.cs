using Microsoft.Data.Sqlite;

namespace Ear.Providers.Sqlite;

/// <summary>What SQLite's error codes mean for whoever runs Ear.</summary>
internal static class SqliteFault
{
    // Primary result codes: https://www.sqlite.org/rescode.html
    public static StoreException Tell(SqliteException e, string path)
        => new(e.SqliteErrorCode switch
        {
            5 or 6 => $"Another program holds '{path}' locked (a backup, the sqlite3 shell). End it and try again.",
            8 => $"'{path}' cannot be written. Give the account that runs Ear write access to the file and its folder, or mount the volume read-write.",
            10 => $"The disk under '{path}' fails ({e.Message}). Check the volume; whether the last save was kept is not known.",
            11 => $"'{path}' is damaged ({e.Message}). Stop Ear, keep a copy of the file with its -wal, and restore the newest backup or run the sqlite3 shell's .recover on the copy.",
            13 => $"The disk under '{path}' is full. Free some space; Ear goes on by itself.",
            14 => $"'{path}' cannot be opened. Check that its folder exists and that the account that runs Ear may read and write there.",
            26 => $"'{path}' is no SQLite file. Ear does not touch it: move it away, or set {SqliteStoreOptions.Section}:Path to another file.",
            _ => $"The store '{path}' failed: {e.Message}",
        }, e);
}
