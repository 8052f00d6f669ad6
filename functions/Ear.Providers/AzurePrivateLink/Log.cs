using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>Event ids 3500–3599.</summary>
internal static partial class Log
{
    [LoggerMessage(3500, LogLevel.Information, "Deployment {Deployment} of a private endpoint in {Region} is begun")]
    public static partial void Deployed(this ILogger logger, string deployment, string region);

    [LoggerMessage(3501, LogLevel.Warning, "Deployment {Deployment} failed ({Why}) and is tried again")]
    public static partial void DeploysAgain(this ILogger logger, string deployment, string why);

    [LoggerMessage(3502, LogLevel.Warning, "Private endpoints wait for Azure Resource Manager: {Why}")]
    public static partial void Hindered(this ILogger logger, string why);

    [LoggerMessage(3503, LogLevel.Information, "Azure Resource Manager answers about private endpoints again")]
    public static partial void Unhindered(this ILogger logger);
}
