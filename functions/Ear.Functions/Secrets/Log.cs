using Microsoft.Extensions.Logging;

namespace Ear.Functions.Secrets;

/// <summary>Events 1400 to 1499.</summary>
internal static partial class Log
{
    [LoggerMessage(1400, LogLevel.Information, "{Resealed} secrets went under the newest data key, {Left} lie under an older one; {Rewrapped} data keys went under the newest version of Ear's own key, {NotRewrapped} could not")]
    public static partial void Resealed(ILogger logger, int resealed, int left, int rewrapped, int notRewrapped);

    [LoggerMessage(1401, LogLevel.Warning, "{Resealed} secrets went under the newest data key so far, {Left} lie under an older one, and others were not looked at in the time of one run; "
        + "{Rewrapped} data keys went under the newest version of Ear's own key, {NotRewrapped} could not. The next run goes on; run it by hand for sooner")]
    public static partial void ResealCutOff(ILogger logger, int resealed, int left, int rewrapped, int notRewrapped);
}
