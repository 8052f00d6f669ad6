using Ear.Mongod.Commands;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;
using Ear.Mongod.Replication;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod;

/// <summary>What the commands of one process share.</summary>
internal sealed class Node(MongodOptions options, StorageEngine engine, DataDirectory directory, ReplicaSet? set, TimeProvider time, ServerLog log)
{
    private readonly TaskCompletionSource<ExitCode> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MongodOptions Options => options;

    public StorageEngine Engine => engine;

    public StorageMetadata Storage => directory.Metadata!;

    /// <summary>Null: a standalone server.</summary>
    public ReplicaSet? Set => set;

    public TimeProvider Time => time;

    public ServerLog Log => log;

    public DateTimeOffset Started { get; } = time.GetUtcNow();

    public Task<ExitCode> Ended => _end.Task;

    public void End(ExitCode code) => _end.TrySetResult(code);

    /// <summary>Runs a read under the gate, if this member may answer it.</summary>
    public T Read<T>(CommandRequest request, Func<Catalog, T> body)
    {
        lock (engine.Gate)
        {
            switch (set?.Role)
            {
                case null or MemberState.Primary:
                case MemberState.Secondary when request.SecondaryOk:
                    return body(engine.Catalog);
                case MemberState.Secondary:
                    throw new CommandException(ErrorCode.NotPrimaryNoSecondaryOk, "not primary and secondaryOk=false");
                default:
                    throw new CommandException(ErrorCode.NotPrimaryOrSecondary, "node is not in primary or recovering state");
            }
        }
    }

    /// <summary>Runs a write under the gate on a writable primary, then waits as its write concern says.</summary>
    public async Task<BsonDocument> WriteAsync(CommandRequest request, Func<WriteBatch, BsonDocument> body, CancellationToken ct)
    {
        if (request.Database is "local") throw new CommandException(ErrorCode.IllegalOperation, "the database 'local' cannot be written in this stand-in");
        var concern = WriteConcern.From(request, set?.State.Config);
        BsonDocument reply;
        OpTime at;
        long term;
        while (true)
        {
            if (set is not null) await engine.Progress.UntilAsync(() => { lock (engine.Gate) return !set.WritesHeld; }, null, time, ct);
            lock (engine.Gate)
            {
                if (set is { WritesHeld: true }) continue;
                if (set is not null && !set.IsWritable) throw set.NotPrimary();
                term = set?.State.Term ?? 0;
                reply = body(new WriteBatch(engine, term, time));
                at = engine.LastApplied;
                break;
            }
        }
        if (await concern.WaitAsync(this, at, term, ct) is { } failure) reply["writeConcernError"] = failure;
        return reply;
    }
}
