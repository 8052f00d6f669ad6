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
        // A name is one project's in its organisation. Of projects that share one since before, the oldest keeps it; the others get the end of their id, and
        // are shortened where the 64 characters would not hold it.
        """
        ALTER TABLE project ADD COLUMN org TEXT NOT NULL DEFAULT '';
        ALTER TABLE project ADD COLUMN name TEXT NOT NULL DEFAULT '';
        UPDATE project SET org = json_extract(CAST(document AS TEXT), '$.orgId'), name = json_extract(CAST(document AS TEXT), '$.name');
        CREATE TEMP TABLE renamed AS SELECT id, substr(name, 1, 57) || '-' || substr(id, -6) AS name FROM project AS p
            WHERE EXISTS (SELECT 1 FROM project AS older WHERE older.org = p.org AND older.name = p.name AND older.rowid < p.rowid);
        UPDATE project SET name = r.name, version = version + 1, document = CAST(json_set(CAST(document AS TEXT), '$.name', r.name) AS BLOB)
            FROM renamed AS r WHERE r.id = project.id;
        DROP TABLE renamed;
        CREATE UNIQUE INDEX project_name ON project (org, name);
        """,
        // Private endpoints: holds_region is the uniqueness rule, unfinished what the sweep asks for.
        """
        CREATE TABLE private_endpoint (
            project TEXT NOT NULL, id TEXT NOT NULL, provider TEXT NOT NULL, region TEXT NOT NULL, holds_region INTEGER NOT NULL, unfinished INTEGER NOT NULL,
            version INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (project, id));
        CREATE UNIQUE INDEX private_endpoint_one_a_region ON private_endpoint (project, provider, region) WHERE holds_region = 1;
        CREATE INDEX private_endpoint_unfinished ON private_endpoint (project, id) WHERE unfinished = 1;
        """,
        // Credentials as resources: versions, and the projects of each.
        """
        ALTER TABLE credential ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE credential_project (project TEXT NOT NULL, kind TEXT NOT NULL, public_part TEXT NOT NULL, PRIMARY KEY (project, kind, public_part)) WITHOUT ROWID;
        CREATE INDEX credential_project_of ON credential_project (kind, public_part);
        INSERT INTO credential_project (project, kind, public_part)
            SELECT role.key, c.kind, c.public_part FROM credential AS c, json_each(CAST(c.document AS TEXT), '$.projectRoles') AS role;
        """,
        // Alert configurations; and what of the alerts is open, in all projects.
        """
        CREATE TABLE alert_config (project TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document BLOB NOT NULL, PRIMARY KEY (project, id));
        CREATE INDEX alert_unresolved ON alert (project, id) WHERE unresolved = 1;
        """,
        // Nodes that wait for a machine, or whose machine may go; none did before.
        """
        ALTER TABLE node ADD COLUMN machine_task INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX node_machine_task ON node (machine_task, project, id) WHERE machine_task > 0;
        """,
        // What of the alerts somebody may have to be told of: more than what is open.
        """
        ALTER TABLE alert ADD COLUMN unfinished INTEGER NOT NULL DEFAULT 0;
        UPDATE alert SET unfinished = unresolved;
        DROP INDEX alert_unresolved;
        CREATE INDEX alert_unfinished ON alert (project, id) WHERE unfinished = 1;
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

    /// <param name="to">Where to stop: the newest schema, but for tests of a step.</param>
    public static void Migrate(StoreConnection connection, int found, string path, ILogger logger, int? to = null)
    {
        var wanted = to ?? Version;
        if (found < wanted)
            logger.StoreMigrates(path, found, wanted);
        for (var step = found; step < wanted; step++)
            connection.ExecuteScript($"BEGIN IMMEDIATE; {Steps[step]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {step + 1}; COMMIT;");
    }

    private static int Pragma(StoreConnection connection, string name) => connection.First($"PRAGMA {name}", r => r.GetInt32(0));
}
