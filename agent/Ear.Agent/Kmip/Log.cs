using Microsoft.Extensions.Logging;

namespace Ear.Agent.Kmip;

internal static partial class Log
{
    [LoggerMessage(7000, LogLevel.Information, "KMIP bridge listens on 127.0.0.1:{Port}")]
    public static partial void Listening(ILogger logger, int port);

    [LoggerMessage(7001, LogLevel.Warning, "KMIP bridge could not accept a connection; it goes on listening")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);

    [LoggerMessage(7002, LogLevel.Warning, "KMIP bridge closed a new connection: {Limit} are open already. mongod needs one; look who else connects")]
    public static partial void TooManyConnections(ILogger logger, int limit);

    [LoggerMessage(7003, LogLevel.Warning, "KMIP bridge refused a client in the TLS handshake: {Why}. mongod must use kmipClient.pem of the agent's data folder")]
    public static partial void ClientRefused(ILogger logger, string why);

    // Debug: mongod ends its sessions with a bare FIN or reset in some versions.
    [LoggerMessage(7004, LogLevel.Debug, "KMIP connection lost: {Why}")]
    public static partial void ConnectionLost(ILogger logger, string why);

    [LoggerMessage(7005, LogLevel.Debug, "KMIP connection ended: {Why}")]
    public static partial void ConnectionEnded(ILogger logger, string why);

    [LoggerMessage(7006, LogLevel.Error, "KMIP connection failed unexpectedly; the bridge goes on")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception);
}
