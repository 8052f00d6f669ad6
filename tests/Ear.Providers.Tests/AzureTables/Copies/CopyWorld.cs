using System.IO.Compression;
using System.Text;
using Azure.Core;
using Azure.Storage.Blobs;
using Ear.Copies;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.AzureTables.Copies;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>A store, a container for its copies, and restores of them under other names, all in Azurite.</summary>
internal sealed class CopyWorld : IDisposable
{
    public const string Name = "2026-11-24T023000Z";

    private readonly List<AzureUnderTest> _restored = [];
    private readonly CopyOptions _options = new() { ConnectionString = Azurite.ConnectionString(), Container = $"copies-{Some.Id<ProjectId>().Value}" };
    private readonly LogLines _log = new();
    private readonly ILoggerFactory _logging;

    /// <param name="pages">Rows of one answer.</param>
    /// <param name="partBytes">After which a part ends.</param>
    /// <param name="projectsPerLane">After which another lane begins.</param>
    public CopyWorld(int pages = 1000, int partBytes = 8 * 1024 * 1024, int projectsPerLane = 2000)
    {
        (_options.PageSize, _options.PartBytes, _options.ProjectsPerLane) = (pages, partBytes, projectsPerLane);
        _logging = LoggerFactory.Create(l => l.AddProvider(_log));
        var ids = new SystemIds(TimeProvider.System);
        var reading = new TableStore(Store.Options, credential: null, Requests.Into);
        Copies = new(reading, new Contents(reading, ids), ids, TimeProvider.System, Microsoft.Extensions.Options.Options.Create(_options), () => new CopyTarget(_options, Store.Options, credential: null), _logging.CreateLogger<StateCopies>());
    }

    public AzureUnderTest Store { get; } = new();

    /// <summary>Those that copying makes to the store.</summary>
    public EachRequest Requests { get; } = new();

    public StateCopies Copies { get; }

    public CopySource Source => CopySource.Connection(_options.ConnectionString, _options.Container);

    public BlobContainerClient Container => new(_options.ConnectionString, _options.Container);

    public IReadOnlyList<string> Logged => _log.Lines;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>As the orchestration does it, one lane after another.</summary>
    /// <param name="repeated">Every step runs twice, as after a lost answer.</param>
    public async Task<WholeCopy> CopyAsync(string name = Name, bool repeated = false, Func<Task>? beforeLast = null)
    {
        var began = DateTimeOffset.UtcNow;
        var plan = await Copies.PlanAsync(Cancellation);
        var parts = new List<CopiedPart>();
        foreach (var lane in plan.Lanes.Append(plan.Last))
        {
            if (lane == plan.Last && beforeLast is not null)
                await beforeLast();
            var step = new CopyStep(name, lane, 0, null);
            do
            {
                if (repeated)
                    await Copies.CopyAsync(step, Cancellation);
                var part = await Copies.CopyAsync(step, Cancellation);
                parts.Add(part);
                step = step with { Number = step.Number + 1, After = part.Next };
            }
            while (step.After is not null);
        }
        var whole = new WholeCopy(name, began, DateTimeOffset.UtcNow, [.. parts]);
        if (repeated)
            await Copies.FinishAsync(whole, Cancellation);
        await Copies.FinishAsync(whole, Cancellation);
        return whole;
    }

    public static string NewPrefix() => $"R{Some.Id<ProjectId>().Value}";

    public AzureTablesStoreOptions Target(string prefix) => new()
    {
        ConnectionString = Store.Options.ConnectionString,
        Prefix = prefix,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromSeconds(1),
        MaxRetries = 0,
    };

    public Task<RestoreReport> RestoreAsync(string prefix, Action<ClientOptions>? configure = null, CopySource? source = null, string? name = null)
        => StateRestore.RunAsync(source ?? Source, name, Target(prefix), credential: null, TimeProvider.System, new Progress<string>(), Cancellation, configure);

    public async Task<(AzureUnderTest Store, RestoreReport Report)> RestoredAsync()
    {
        var prefix = NewPrefix();
        var report = await RestoreAsync(prefix);
        return (At(prefix), report);
    }

    public AzureUnderTest At(string prefix)
    {
        var store = AzureUnderTest.On(prefix);
        _restored.Add(store);
        return store;
    }

    /// <summary>Everything in the container, unpacked.</summary>
    public async Task<string> TextAsync()
    {
        var text = new StringBuilder();
        await foreach (var blob in Container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            var content = (await Container.GetBlobClient(blob.Name).DownloadContentAsync(Cancellation)).Value.Content.ToStream();
            await using var plain = blob.Name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(content, CompressionMode.Decompress) : content;
            using var lines = new StreamReader(plain);
            text.Append(await lines.ReadToEndAsync(Cancellation));
        }
        return text.ToString();
    }

    public void Dispose()
    {
        _logging.Dispose();
        _restored.ForEach(s => s.Dispose());
        Store.Dispose();
    }
}
