using System.Collections.Concurrent;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Agent.Mongod;

/// <summary>MongoDB.Driver, one small direct client a server, kept for the life of the agent.</summary>
internal sealed class DriverMongods : IMongods, IDisposable
{
    private readonly ConcurrentDictionary<string, DriverMongod> known = new(StringComparer.Ordinal);

    public IMongod At(string hostPort) => known.GetOrAdd(hostPort, static name => new DriverMongod(name));

    public void Dispose()
    {
        foreach (var mongod in known.Values)
        {
            mongod.Dispose();
        }
    }
}

internal sealed class DriverMongod : IMongod, IDisposable
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookWithin = TimeSpan.FromSeconds(5);

    // replSetStepDown waits 10 s for a secondary to catch up, shutdown for its step-down.
    private static readonly TimeSpan CommandWithin = TimeSpan.FromSeconds(30);

    private readonly MongoClient client;
    private readonly IMongoDatabase admin;
    private BsonDocument? build;

    public DriverMongod(string hostPort)
    {
        var settings = MongoClientSettings.FromConnectionString($"mongodb://{hostPort}/?directConnection=true");
        settings.ConnectTimeout = ConnectWithin;
        settings.ServerSelectionTimeout = ConnectWithin;
        settings.SocketTimeout = CommandWithin;
        settings.MaxConnectionPoolSize = 4;
        settings.RetryReads = false;
        settings.RetryWrites = false;
        settings.ApplicationName = "ear-agent";
        // The stream of hellos that the driver would hold open costs a thread's worth of memory and tells nothing we do not ask for.
        settings.ServerMonitoringMode = MongoDB.Driver.Core.Servers.ServerMonitoringMode.Poll;
        client = new MongoClient(settings);
        admin = client.GetDatabase("admin").WithReadPreference(ReadPreference.Nearest);
    }

    public async Task<MongodView> LookAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(LookWithin);
        try
        {
            var hello = await CommandAsync(new BsonDocument("hello", 1), deadline.Token);
            var status = await StatusAsync(deadline.Token);
            var server = await CommandAsync(
                new BsonDocument { { "serverStatus", 1 }, { "metrics", 0 }, { "wiredTiger", 0 }, { "locks", 0 }, { "tcmalloc", 0 }, { "repl", 0 }, { "opLatencies", 0 } },
                deadline.Token);
            build ??= await CommandAsync(new BsonDocument("buildInfo", 1), deadline.Token);
            return MongodView.From(hello, status, server, build);
        }
        catch (MongodException)
        {
            // Not answering is an answer: the supervisor knows whether the process lives, and the report says Up = false.
            build = null;
            return MongodView.Down;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            build = null;
            return MongodView.Down;
        }
    }

    public async Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(CommandWithin);
        try
        {
            return await CommandAsync(command, deadline.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new MongodException(MongodException.NoAnswer, $"mongod did not answer within {CommandWithin.TotalSeconds} s.", exception);
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<BsonDocument?> StatusAsync(CancellationToken cancellation)
    {
        try
        {
            return await CommandAsync(new BsonDocument { { "replSetGetStatus", 1 }, { "initialSync", 1 } }, cancellation);
        }
        catch (MongodException exception) when (exception.Code is MongodCodes.NotYetInitialized or MongodCodes.InvalidReplicaSetConfig)
        {
            return null;
        }
    }

    private async Task<BsonDocument> CommandAsync(BsonDocument command, CancellationToken cancellation)
    {
        try
        {
            return await admin.RunCommandAsync<BsonDocument>(command, ReadPreference.Nearest, cancellation);
        }
        catch (MongoCommandException exception)
        {
            throw new MongodException(exception.Code, exception.Message, exception);
        }
        catch (MongoException exception)
        {
            throw new MongodException(MongodException.NoAnswer, exception.Message, exception);
        }
        catch (TimeoutException exception)
        {
            throw new MongodException(MongodException.NoAnswer, exception.Message, exception);
        }
    }
}
