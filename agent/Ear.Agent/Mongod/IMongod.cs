using MongoDB.Bson;

namespace Ear.Agent.Mongod;

/// <summary>One server, spoken to directly.</summary>
internal interface IMongod
{
    /// <summary>Bounded; an unreachable server is <see cref="MongodView.Down"/>, not an exception.</summary>
    Task<MongodView> LookAsync(CancellationToken cancellation);

    /// <summary>Runs an admin command; bounded.</summary>
    /// <exception cref="MongodException">The server refused, or cannot be reached.</exception>
    Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellation);
}

internal interface IMongods
{
    IMongod At(string hostPort);
}

internal sealed class MongodException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>For <see cref="Code"/>: the connection failed or broke, the server said nothing.</summary>
    public const int NoAnswer = -1;

    /// <summary>MongoDB's error code.</summary>
    public int Code { get; } = code;
}

internal static class MongodCodes
{
    public const int AlreadyInitialized = 23;
    public const int NodeNotFound = 74;
    public const int InvalidReplicaSetConfig = 93;
    public const int NotYetInitialized = 94;
    public const int ConfigurationInProgress = 109;
    public const int ExceededTimeLimit = 262;
    public const int NotWritablePrimary = 10107;
}
