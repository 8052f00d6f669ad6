using Ear.CustomerKeys;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Validation;

/// <summary>Events 600 to 699.</summary>
internal static partial class Log
{
    [LoggerMessage(600, LogLevel.Information, "Checking all customer keys: {Sweep}")]
    public static partial void SweepStarted(ILogger logger, string sweep);

    [LoggerMessage(601, LogLevel.Information, "{Sweep} runs already; not started again")]
    public static partial void SweepRuns(ILogger logger, string sweep);

    [LoggerMessage(602, LogLevel.Warning, "The {Provider} key of project {Project} is invalid: its clusters are shut down")]
    public static partial void ShutDownOrdered(ILogger logger, KeyProvider provider, string project);

    // Critical: customers' clusters run on although their keys say no, until somebody has looked.
    [LoggerMessage(603, LogLevel.Critical, "{NewlyInvalid} {Provider} keys turned invalid in one sweep; shut-downs for {Provider} are suspended. "
        + "Look at Ear's own side first: egress address, clock, its own credential, trusted certificates")]
    public static partial void ShutDownsSuspended(ILogger logger, KeyProvider provider, int newlyInvalid);
}
