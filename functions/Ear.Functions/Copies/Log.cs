using Microsoft.Extensions.Logging;

namespace Ear.Functions.Copies;

/// <summary>Events 1300 to 1399.</summary>
internal static partial class Log
{
    [LoggerMessage(1300, LogLevel.Information, "Copying Ear's own state: {Copy}")]
    public static partial void CopyStarted(ILogger logger, string copy);

    [LoggerMessage(1301, LogLevel.Debug, "Ear's own state is not copied: Ear:Copies names no place")]
    public static partial void NothingCopied(ILogger logger);
}
