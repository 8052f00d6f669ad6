using Microsoft.Extensions.Logging;

namespace Ear.Functions.Operator;

/// <summary>Events 1200 to 1249.</summary>
internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Information, "First access was asked for: project {Project}, API key {PublicKey}, service account {ClientId}; secrets made: {Made}")]
    public static partial void FirstAccess(ILogger logger, string project, string publicKey, string clientId, bool made);

    [LoggerMessage(1201, LogLevel.Information, "Machine {Machine} was given an enrolment token of node {Node} of project {Project}, good until {Expires}")]
    public static partial void TokenIssued(ILogger logger, string machine, string node, string project, DateTimeOffset expires);

    [LoggerMessage(1202, LogLevel.Information, "Node {Node} of project {Project} has no machine any more, its operator says")]
    public static partial void MachineGone(ILogger logger, string node, string project);

    [LoggerMessage(1203, LogLevel.Warning, "Ear's own secrets {Names} are made anew, the operator says. Start the app anew, so that no instance goes on with those before")]
    public static partial void OwnSecretsRenewed(ILogger logger, string names);
}
