namespace Ear.Mongod.Options;

/// <summary>The process cannot start, or has done the one thing it was started for; the text is written for the operator.</summary>
internal sealed class StartupException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Code { get; } = code;
}
