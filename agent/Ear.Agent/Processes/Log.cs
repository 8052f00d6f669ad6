using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Processes;

internal static partial class Log
{
    [LoggerMessage(7300, LogLevel.Information, "mongod started ({InstanceSize}, encryption {Encryption})")]
    public static partial void Started(ILogger logger, string instanceSize, EncryptionMode encryption);

    [LoggerMessage(7301, LogLevel.Information, "mongod runs already as process {ProcessId}: adopted")]
    public static partial void Adopted(ILogger logger, int processId);

    [LoggerMessage(7302, LogLevel.Warning, "mongod ended (had been up: {CameUp}); next attempt in {Wait}. Its own words are in mongod.log")]
    public static partial void Exited(ILogger logger, bool cameUp, TimeSpan wait);

    [LoggerMessage(7303, LogLevel.Warning, "mongod is not started: node key {KeyId} cannot be read now. It is tried again until it can")]
    public static partial void WaitsForKey(ILogger logger, string? keyId);

    [LoggerMessage(7304, LogLevel.Error, "mongod cannot be started: {Why} Next attempt in {Wait}")]
    public static partial void StartFailed(ILogger logger, string why, TimeSpan wait);

    [LoggerMessage(7305, LogLevel.Information, "mongod (process {ProcessId}) is being stopped")]
    public static partial void Stopping(ILogger logger, int processId);

    // Debug: the connection that breaks is how a shutdown succeeds.
    [LoggerMessage(7306, LogLevel.Debug, "Answer to shutdown: {Answer}")]
    public static partial void ShutdownAnswer(ILogger logger, string answer);

    [LoggerMessage(7307, LogLevel.Warning, "mongod (process {ProcessId}) did not end within {Limit}: SIGKILL")]
    public static partial void Killing(ILogger logger, int processId, TimeSpan limit);
}
