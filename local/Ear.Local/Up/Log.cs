using Microsoft.Extensions.Logging;

namespace Ear.Local.Up;

internal static partial class Log
{
    [LoggerMessage(4300, LogLevel.Information, "Ear listens on {Url}; local AWS KMS and STS on {Kms}; mail sink on port {MailPort}; everything lies in {Folder}.")]
    public static partial void Running(ILogger logger, Uri url, string kms, int mailPort, string folder);

    [LoggerMessage(4302, LogLevel.Information, "Nodes wait for agents of machines that somebody else starts.")]
    public static partial void MachinesAwaited(ILogger logger);

    [LoggerMessage(4301, LogLevel.Information, "Nodes run {Path}: {What}.")]
    public static partial void Mongod(ILogger logger, string path, string what);
}
