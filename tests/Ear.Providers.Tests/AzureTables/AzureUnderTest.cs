using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>The store in tables of its own, in Azurite. Secrets are in a file, as with <c>ear up --store azure-tables</c>.</summary>
internal sealed class AzureUnderTest : StoreUnderTest
{
    private readonly Lazy<StoreUnderTest> _secrets;
    private readonly bool _ownsSecrets;
    private readonly List<AzureUnderTest> _later = [];
    private readonly string _prefix;
    private readonly Action<ClientOptions>? _configure;
    private readonly LogLines _log = new();
    private readonly ILoggerFactory _logging;

    public AzureUnderTest()
        : this(configure: null)
    {
    }

    /// <param name="configure">A transport that makes faults.</param>
    public AzureUnderTest(Action<ClientOptions>? configure)
        : this($"T{Some.Id<ProjectId>().Value}", configure, null)
    {
    }

    private AzureUnderTest(string prefix, Action<ClientOptions>? configure, Lazy<StoreUnderTest>? secrets)
    {
        (_prefix, _configure) = (prefix, configure);
        Options = new() { ConnectionString = Azurite.ConnectionString(), Prefix = prefix, RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromSeconds(2) };
        (_secrets, _ownsSecrets) = (secrets ?? new(() => new SqliteUnderTest()), secrets is null);
        var ids = new SystemIds(TimeProvider.System);
        Store = new TableStore(Options, credential: null, options =>
        {
            if (options is TableClientOptions)
                options.AddPolicy(new SavePoints(this), HttpPipelinePosition.PerCall);
            configure?.Invoke(options);
        });
        Store.PrepareAsync(CancellationToken.None).GetAwaiter().GetResult();
        Layout.SettleAsync(Store, CancellationToken.None).GetAwaiter().GetResult();
        _logging = LoggerFactory.Create(l => l.AddProvider(_log));
        Parts = new TableParts(Store, new(Store, ids), new(Store, ids), new(Store, ids, TimeProvider.System), ids, _logging.CreateLogger<TableStore>());
        var parts = Parts;
        var handOff = new HandOff(parts);
        Projects = new TableProjects(parts);
        var clusters = new TableClusters(parts);
        (Clusters, Unfinished) = (clusters, clusters);
        Nodes = new TableNodes(parts);
        var alerts = new TableAlerts(parts);
        (Alerts, OpenAlerts) = (alerts, alerts);
        AlertConfigs = new TableAlertConfigs(parts);
        var endpoints = new TablePrivateEndpoints(parts);
        (PrivateEndpoints, UnfinishedEndpoints) = (endpoints, endpoints);
        var credentials = new TableCredentials(parts, handOff, TimeProvider.System);
        (Credentials, ApiKeys, ServiceAccounts) = (credentials, credentials.Keys, credentials.Accounts);
        Events = new TableEvents(parts);
        Outbox = new TableOutbox(parts, handOff);
        AuditTrail = new TableAuditTrail(parts);
    }

    /// <summary>On tables that are there already.</summary>
    public static AzureUnderTest On(string prefix) => new(prefix, configure: null, secrets: null);

    public AzureTablesStoreOptions Options { get; }

    public TableStore Store { get; }

    public TableParts Parts { get; }

    public IReadOnlyList<string> Logged => _log.Lines;

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

    public override ISecrets Secrets => _secrets.Value.Secrets;

    /// <summary>Another process on the same tables, while this one goes on.</summary>
    public AzureUnderTest Another(Action<ClientOptions>? configure = null) => Later(new(_prefix, configure ?? _configure, _secrets));

    public override StoreUnderTest AfterKill()
    {
        var left = _secrets.Value.AfterKill();
        return Later(new(_prefix, null, new(left)));
    }

    public override void Tamper(ProjectId project, long sequence)
    {
        var table = new TableClient(Options.ConnectionString, $"{_prefix}Documents");
        var row = table.GetEntity<TableEntity>(project.Value, RowKeys.Event(sequence)).Value;
        row["D0"] = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(row.GetBinary("D0")).Replace("\"ear\"", "\"nobody\"", StringComparison.Ordinal));
        table.UpdateEntity(row, row.ETag, TableUpdateMode.Replace);
    }

    public override void Dispose()
    {
        _later.ForEach(s => s.Dispose());
        _logging.Dispose();
        if (_ownsSecrets && _secrets.IsValueCreated)
            _secrets.Value.Dispose();
    }

    private AzureUnderTest Later(AzureUnderTest store)
    {
        _later.Add(store);
        return store;
    }

    /// <summary>A transaction is one request: before it nothing is there, after it all is.</summary>
    private sealed class SavePoints(AzureUnderTest store) : HttpPipelinePolicy
    {
        private readonly Lock _oneAtATime = new();

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The store is asynchronous throughout.");

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var isTransaction = message.Request.Uri.ToString().EndsWith("$batch", StringComparison.Ordinal);
            if (isTransaction)
            {
                Reach(SavePoint.BeforeEvents);
                Reach(SavePoint.BeforeCommit);
            }
            await ProcessNextAsync(message, pipeline);
            if (isTransaction)
                Reach(SavePoint.AfterCommit);
        }

        private void Reach(SavePoint point)
        {
            lock (_oneAtATime)
                store.Fault?.Invoke(point);
        }
    }
}
