using Microsoft.Extensions.Logging;

namespace Ear.CustomerKeys.Validation;

/// <summary>Events 650 to 699.</summary>
internal static partial class Log
{
    // Error: nothing is known of this key until it is mended, and nobody but the operator can.
    [LoggerMessage(650, LogLevel.Error, "The {Provider} key of project {Project} could not be checked; its clusters are left as they are")]
    public static partial void NotChecked(ILogger logger, KeyProvider provider, string project, Exception fault);

    [LoggerMessage(651, LogLevel.Error, "The {Provider} key of project {Project} gave no answer through a fault of Ear's own: {Detail}")]
    public static partial void OurFault(ILogger logger, KeyProvider provider, string project, string detail);
}
