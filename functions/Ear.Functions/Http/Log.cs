using Microsoft.Extensions.Logging;

namespace Ear.Functions.Http;

/// <summary>Events 100 to 199.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Error, "{Function} failed unexpectedly; its caller was told the correlation id {CorrelationId}")]
    public static partial void UnexpectedFailure(ILogger logger, string function, string correlationId, Exception failure);

    [LoggerMessage(101, LogLevel.Information, "Access token of {ClientId} revoked")]
    public static partial void TokenRevoked(ILogger logger, string clientId);
}
