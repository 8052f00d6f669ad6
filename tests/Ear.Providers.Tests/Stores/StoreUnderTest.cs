using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.Files;
using Ear.Providers.Sqlite;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SavePoint = Ear.Tests.Fakes.SavePoint;

namespace Ear.Providers.Tests.Stores;

/// <summary>One implementation of all store ports, as the contract suites see it.</summary>
internal abstract class StoreUnderTest : IDisposable
{
    public abstract IProjects Projects { get; }

    public abstract IClusters Clusters { get; }

    public abstract IUnfinishedClusters Unfinished { get; }

    public abstract INodes Nodes { get; }

    public IMachineTasks MachineTasks => (IMachineTasks)Nodes;

    public abstract IAlerts Alerts { get; }

    public abstract IPrivateEndpoints PrivateEndpoints { get; }

    public abstract IUnfinishedPrivateEndpoints UnfinishedEndpoints { get; }

    public abstract IOpenAlerts OpenAlerts { get; }

    public abstract IAlertConfigs AlertConfigs { get; }

    public abstract ICredentials Credentials { get; }

    public abstract IProjectCredentials<ApiKey> ApiKeys { get; }

    public abstract IProjectCredentials<ServiceAccount> ServiceAccounts { get; }

    public abstract IEvents Events { get; }

    public abstract IOutbox Outbox { get; }

    public abstract IAuditTrail AuditTrail { get; }

    public abstract ISecrets Secrets { get; }

    /// <summary>Called at each point of each save; throwing is a crash at that point.</summary>
    public Action<SavePoint>? Fault { get; set; }

    public void CrashAt(SavePoint point) => Fault = at =>
    {
        if (at == point)
            throw new Crash(point);
    };

    /// <summary>The store as a new process finds it after this one was killed now, in the middle of whatever it does.</summary>
    public abstract StoreUnderTest AfterKill();

    /// <summary>Changes a stored event behind the store's back.</summary>
    public abstract void Tamper(ProjectId project, long sequence);

    public abstract void Dispose();

    internal sealed class Crash(SavePoint at) : Exception($"Crash at {at}.");
}

internal sealed class InMemoryUnderTest : StoreUnderTest
{
    private readonly InMemoryStore _store;

    public InMemoryUnderTest()
        : this(new InMemoryStore())
    {
    }

    private InMemoryUnderTest(InMemoryStore store)
    {
        _store = store;
        _store.Fault = at => Fault?.Invoke(at);
    }

    public override IProjects Projects => _store;

    public override IClusters Clusters => _store;

    public override IUnfinishedClusters Unfinished => _store;

    public override INodes Nodes => _store;

    public override IAlerts Alerts => _store;

    public override IPrivateEndpoints PrivateEndpoints => _store;

    public override IUnfinishedPrivateEndpoints UnfinishedEndpoints => _store;

    public override IOpenAlerts OpenAlerts => _store;

    public override IAlertConfigs AlertConfigs => _store;

    public override ICredentials Credentials => _store;

    public override IProjectCredentials<ApiKey> ApiKeys => _store.ApiKeys;

    public override IProjectCredentials<ServiceAccount> ServiceAccounts => _store.ServiceAccounts;

    public override IEvents Events => _store;

    public override IOutbox Outbox => _store;

    public override IAuditTrail AuditTrail => _store;

    public override ISecrets Secrets => _store;

    public override StoreUnderTest AfterKill() => new InMemoryUnderTest(_store);

    public override void Tamper(ProjectId project, long sequence) => _store.Tamper(project, sequence, e => e with { Actor = "nobody" });

    public override void Dispose()
    {
        // Nothing but memory is held.
    }
}

internal sealed class SqliteUnderTest : StoreUnderTest
{
    private readonly TestFolder _folder;
    private readonly StoreFile _file;
    private readonly List<StoreUnderTest> _later = [];

    public SqliteUnderTest()
        : this(new TestFolder())
    {
    }

    private SqliteUnderTest(TestFolder folder)
    {
        _folder = folder;
        var options = new SqliteStoreOptions { Path = folder["ear.db"] };
        _file = new StoreFile(options, NullLogger.Instance, at => Fault?.Invoke((SavePoint)(int)at));
        Projects = new SqliteProjects(_file);
        var clusters = new SqliteClusters(_file);
        (Clusters, Unfinished) = (clusters, clusters);
        Nodes = new SqliteNodes(_file);
        var alerts = new SqliteAlerts(_file);
        (Alerts, OpenAlerts) = (alerts, alerts);
        AlertConfigs = new SqliteAlertConfigs(_file);
        var endpoints = new SqlitePrivateEndpoints(_file);
        (PrivateEndpoints, UnfinishedEndpoints) = (endpoints, endpoints);
        var credentials = new SqliteCredentials(_file);
        (Credentials, ApiKeys, ServiceAccounts) = (credentials, credentials.Keys, credentials.Accounts);
        Events = new SqliteEvents(_file);
        Outbox = new SqliteOutbox(_file);
        AuditTrail = new SqliteAuditTrail(_file);
        Secrets = FileKeySecrets.Open(_file, new FileKeyOptions { KeyFile = folder["ear.key"] });
    }

    public override IProjects Projects { get; }

    public override IClusters Clusters { get; }

    public override IUnfinishedClusters Unfinished { get; }

    public override INodes Nodes { get; }

    public override IAlerts Alerts { get; }

    public override IPrivateEndpoints PrivateEndpoints { get; }

    public override IUnfinishedPrivateEndpoints UnfinishedEndpoints { get; }

    public override IOpenAlerts OpenAlerts { get; }

    public override IAlertConfigs AlertConfigs { get; }

    public override ICredentials Credentials { get; }

    public override IProjectCredentials<ApiKey> ApiKeys { get; }

    public override IProjectCredentials<ServiceAccount> ServiceAccounts { get; }

    public override IEvents Events { get; }

    public override IOutbox Outbox { get; }

    public override IAuditTrail AuditTrail { get; }

    public override ISecrets Secrets { get; }

    // What a killed process leaves: the file and its log as they are, nothing closed or checkpointed.
    public override StoreUnderTest AfterKill()
    {
        var left = new TestFolder();
        foreach (var name in (string[])["ear.db", "ear.db-wal", "ear.key"])
            File.Copy(_folder[name], left[name]);
        var later = new SqliteUnderTest(left);
        _later.Add(later);
        return later;
    }

    public override void Tamper(ProjectId project, long sequence)
    {
        using var connection = new StoreConnection(_folder["ear.db"], Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite, TimeSpan.FromSeconds(5));
        connection.ExecuteScript("DROP TRIGGER event_never_changes");
        connection.Execute("UPDATE event SET document = CAST(replace(CAST(document AS TEXT), '\"ear\"', '\"nobody\"') AS BLOB) WHERE project = $0 AND sequence = $1", project.Value, sequence);
    }

    public override void Dispose()
    {
        (Secrets as IDisposable)?.Dispose();
        _file.Dispose();
        _later.ForEach(s => s.Dispose());
        _folder.Dispose();
    }
}
