using System.Security.Cryptography;
using Ear.Local.Durable.Dispatch;
using Ear.Local.Durable.History;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using RowPage = Microsoft.DurableTask.Page<Ear.Local.Durable.Storage.InstanceRow>;

namespace Ear.Local.Durable.Client;

/// <summary>The engine's insides that a client needs.</summary>
internal sealed record ClientParts(
    GroupCommit Writer, DurableReaders Readers, InstanceTable Table, InstanceWaiters Waiters, Backlog Backlog, TimeProvider Time, ILogger Logger);

/// <summary>The client of one engine in the same process. What it was answered is on disk.</summary>
internal sealed class LocalDurableTaskClient(string name, DurableFunctions functions, ClientParts engine) : DurableTaskClient(name)
{
    private const int PurgedAtOnce = 100;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        if (functions.FindOrchestrator(orchestratorName.Name) is null)
            throw new ArgumentException($"There is no orchestrator function named '{orchestratorName}'.", nameof(orchestratorName));
        var id = options?.InstanceId ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        ArgumentException.ThrowIfNullOrWhiteSpace(id, nameof(options));
        var dedupe = options?.DedupeStatuses?.Select(Enum.Parse<OrchestrationRuntimeStatus>).ToList() ?? [];

        await engine.Backlog.WaitForRoomAsync(cancellation);
        var create = new CreateInstance(
            id, orchestratorName.Name, functions.Converter.Serialize(input), engine.Time.GetUtcNow().UtcTicks, options?.StartAt?.UtcTicks, dedupe, engine.Table);
        engine.Writer.Enqueue(create);
        if (await create.Done.WaitAsync(cancellation) is { } status)
            throw new OrchestrationAlreadyExistsException(id, status);
        return id;
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return SendAsync(instanceId, new(MessageKind.EventRaised) { Name = eventName, Payload = functions.Converter.Serialize(eventPayload) }, cancellation);
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new(MessageKind.Suspend) { Name = reason }, cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new(MessageKind.Resume) { Name = reason }, cancellation);

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default) => SendAsync(
        instanceId,
        new(MessageKind.Terminate) { Payload = functions.Converter.Serialize(options?.Output), Recursive = options?.Recursive ?? false },
        cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, forEnd: false, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, forEnd: true, getInputsAndOutputs, cancellation);

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var row = await engine.Readers.ReadAsync(reader => reader.Find(instanceId), cancellation);
        return row is null ? null : Metadata(row, getInputsAndOutputs);
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
        Pageable.Create<OrchestrationMetadata>(async (token, size, cancellation) =>
        {
            var query = filter ?? new OrchestrationQuery();
            var count = Math.Clamp(size ?? query.PageSize, 1, 1000);
            var page = await ListAsync(FilterOf(query.CreatedFrom, query.CreatedTo, query.InstanceIdPrefix, query.Statuses), token ?? query.ContinuationToken, count, cancellation);
            return new([.. page.Values.Select(row => Metadata(row, query.FetchInputsAndOutputs))], page.ContinuationToken);
        });

    public override async Task<PurgeResult> PurgeInstanceAsync(string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return new(await PurgeAsync([instanceId], options, cancellation));
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var ends = (filter.Statuses ?? Enum.GetValues<OrchestrationRuntimeStatus>()).Where(InstanceRow.IsEnd).ToList();
        var (purged, token) = (0, (string?)null);
        do
        {
            var page = await ListAsync(FilterOf(filter.CreatedFrom, filter.CreatedTo, prefix: null, ends), token, PurgedAtOnce, cancellation);
            if (page.Values.Count > 0)
                purged += await PurgeAsync([.. page.Values.Select(row => row.Id)], options, cancellation);
            token = page.ContinuationToken;
        }
        while (token is not null);
        return new(purged, isComplete: true);
    }

    /// <summary>Nothing: the engine owns what it uses.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static InstanceFilter FilterOf(DateTimeOffset? from, DateTimeOffset? to, string? prefix, IEnumerable<OrchestrationRuntimeStatus>? statuses) =>
        new(from?.UtcTicks ?? 0, to?.UtcTicks ?? long.MaxValue, prefix, statuses?.ToList());

    private async Task<RowPage> ListAsync(InstanceFilter filter, string? token, int count, CancellationToken cancellation)
    {
        if (!long.TryParse(token ?? "0", out var after))
            throw new ArgumentException($"'{token}' is not a continuation token of this engine.", nameof(token));
        var rows = await engine.Readers.ReadAsync(reader => reader.List(filter, after, count + 1), cancellation);
        return rows.Count <= count ? new RowPage(rows) : new RowPage(rows.GetRange(0, count), rows[count - 1].Key.ToString());
    }

    private async Task<int> PurgeAsync(IReadOnlyList<string> ids, PurgeInstanceOptions? options, CancellationToken cancellation)
    {
        var purge = new PurgeInstances(ids, options?.Recursive ?? false);
        engine.Writer.Enqueue(purge);
        return await purge.Done.WaitAsync(cancellation);
    }

    private async Task SendAsync(string instanceId, Message message, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var send = new SendMessage(instanceId, message, engine.Table);
        engine.Writer.Enqueue(send);
        if (!await send.Done.WaitAsync(cancellation))
            Log.MessageDropped(engine.Logger, message.Kind, instanceId);
    }

    private async Task<OrchestrationMetadata> WaitAsync(string instanceId, bool forEnd, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        // First in line, then a look: what happens in between is heard.
        var waiter = engine.Waiters.Add(instanceId, forEnd);
        try
        {
            var row = await engine.Readers.ReadAsync(reader => reader.Find(instanceId), cancellation)
                ?? throw new InvalidOperationException($"There is no orchestration instance '{instanceId}'.");
            waiter.Hear(row);
            return Metadata(await waiter.Heard.WaitAsync(cancellation), getInputsAndOutputs);
        }
        finally
        {
            engine.Waiters.Remove(waiter);
        }
    }

    private OrchestrationMetadata Metadata(InstanceRow row, bool all) => new(row.Name, row.Id)
    {
        RuntimeStatus = row.Status,
        CreatedAt = new DateTimeOffset(row.Created, TimeSpan.Zero),
        LastUpdatedAt = new DateTimeOffset(row.Updated, TimeSpan.Zero),
        FailureDetails = row.Failure,
        DataConverter = all ? functions.Converter : null,
        SerializedInput = all ? row.Input : null,
        SerializedOutput = all ? row.Output : null,
        SerializedCustomStatus = all ? row.CustomStatus : null,
    };
}
