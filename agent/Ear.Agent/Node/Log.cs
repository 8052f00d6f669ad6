using Microsoft.Extensions.Logging;

namespace Ear.Agent.Node;

internal static partial class Log
{
    [LoggerMessage(7600, LogLevel.Information, "mongod says: version {Version}, modules [{Modules}], encryption at rest: {Encrypted}")]
    public static partial void MongodSays(ILogger logger, string? version, string modules, bool? encrypted);

    [LoggerMessage(7601, LogLevel.Error, "This node could not be looked after just now; it is tried again each second")]
    public static partial void TickFailed(ILogger logger, Exception exception);

    [LoggerMessage(7602, LogLevel.Information, "Ear agent of node {NodeId} in {Folder}; control plane {ControlPlane}; mongod {Program} (says version: {Version}) on {HostPort}")]
    public static partial void Starting(ILogger logger, string nodeId, string folder, Uri controlPlane, string program, Version? version, string hostPort);

    [LoggerMessage(7603, LogLevel.Warning, "The bridge's port {Port} is taken by somebody else; it moves to {NewPort}. A mongod that runs already keeps asking at the old port until its next start; it does not stop for that")]
    public static partial void BridgeMoved(ILogger logger, int port, int newPort);

    [LoggerMessage(7604, LogLevel.Information, "Ear agent ends; mongod goes on: {MongodGoesOn}")]
    public static partial void Ending(ILogger logger, bool mongodGoesOn);
}
