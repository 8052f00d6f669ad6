using Microsoft.Extensions.Logging;

namespace Ear.Providers.Sqlite;

/// <summary>
/// The tables, as a list of forward steps: the file's user_version says how many were taken; each is one transaction. A step that
/// was released is never edited. A file of a newer Ear is refused: an older program would not keep what it does not know.
/// </summary>
internal static class Schema
{
    /// <summary>"Ear1" in the file's header tells our files from other people's.</summary>
    private const int ApplicationId = 0x45617231;

    // cluster.unfinished and alert.unresolved are what the sweep and the uniqueness rule ask for; documents hold everything else.
    // An event row never changes: what was announced is told by its absence from the outbox.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE project (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document BLOB NOT NULL);
        CREATE TABLE cluster (
            project TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, unfinished INTEGER NOT NULL,
            version INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (project, name));
        CREATE INDEX cluster_unfinished ON cluster (project, name, id) WHERE unfinished = 1;
        CREATE TABLE node (
            project TEXT NOT NULL, id TEXT NOT NULL, cluster TEXT NOT NULL, place INTEGER NOT NULL,
            version INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (project, id));
        CREATE INDEX node_cluster ON node (project, cluster, place);
        CREATE TABLE alert (
            project TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, status TEXT NOT NULL, unresolved INTEGER NOT NULL,
            version INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (project, id));
        CREATE INDEX alert_status ON alert (project, status, id);
        CREATE UNIQUE INDEX alert_one_unresolved ON alert (project, type, subject) WHERE unresolved = 1;
        CREATE TABLE credential (kind TEXT NOT NULL, public_part TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (kind, public_part));
        CREATE TABLE secret (name TEXT PRIMARY KEY, ciphertext BLOB NOT NULL);
        CREATE TABLE event (
            project TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, cluster TEXT, created INTEGER NOT NULL,
            previous_hash BLOB NOT NULL, hash BLOB NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (project, sequence));
        CREATE UNIQUE INDEX event_id ON event (project, id);
        CREATE INDEX event_type ON event (project, type, created, cluster);
        CREATE TABLE chain (project TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE outbox (place INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, sequence INTEGER NOT NULL, UNIQUE (project, sequence));
        CREATE TRIGGER event_never_changes BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        CREATE TRIGGER event_never_goes BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        """,
        """
        CREATE TABLE alert_config (project TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document BLOB NOT NULL, PRIMARY KEY (project, id));
        CREATE INDEX alert_unresolved ON alert (project, id) WHERE unresolved = 1;
        """,
    ];

    public static int Version => Steps.Length;

    /// <summary>Only looks: a file that is not ours, or not for us, is refused before anything is changed in it.</summary>
    /// <returns>The file's schema; 0 for a new one.</returns>
    public static int Check(StoreConnection connection, string path)
    {
        var found = Pragma(connection, "user_version");
        var application = Pragma(connection, "application_id");
        var isEmpty = connection.First("SELECT count(*) FROM sqlite_master", r => r.GetInt64(0)) == 0;
        if (application != ApplicationId && !(application == 0 && isEmpty))
            throw new StoreException($"'{path}' belongs to another program. Ear does not touch it: set {SqliteStoreOptions.Section}:Path to another file.");
        return found <= Version
            ? found
            : throw new StoreException($"'{path}' has schema {found}, written by a newer Ear; this one knows up to {Version}. "
                + "Start the newer Ear, or restore a backup from before the update.");
    }

    public static void Migrate(StoreConnection connection, int found, string path, ILogger logger)
    {
        if (found < Version)
            logger.StoreMigrates(path, found, Version);
        for (var step = found; step < Version; step++)
            connection.ExecuteScript($"BEGIN IMMEDIATE; {Steps[step]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {step + 1}; COMMIT;");
    }

    private static int Pragma(StoreConnection connection, string name) => connection.First($"PRAGMA {name}", r => r.GetInt32(0));
}
