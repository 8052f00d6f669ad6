using Microsoft.Extensions.Logging;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Events 800 to 899.</summary>
internal static partial class Log
{
    [LoggerMessage(800, LogLevel.Debug, "Private endpoint {Endpoint} of project {Project}: {Why}")]
    public static partial void Looked(ILogger logger, string endpoint, string project, string why);
}
