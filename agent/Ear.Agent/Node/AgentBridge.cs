using System.Net.Sockets;
using Ear.Agent.Keys;
using Ear.Agent.Kmip;
using Ear.Agent.Storage;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Node;

/// <summary>Opens the KMIP bridge on its port of the last time, because a mongod may be running that asks there.</summary>
internal static class AgentBridge
{
    private const int Attempts = 20;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    public static async Task<KmipServer> OpenAsync(INodeKeys keys, KmipCertificates certificates, AgentStateStore state, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        var bridge = new KmipBridge(new KmipOperations(keys), time);
        for (var attempt = 1; ; attempt++)
        {
            var port = state.Current.KmipPort;
            var server = new KmipServer(bridge, certificates, new KmipServerOptions { Port = port }, time, logs.CreateLogger<KmipServer>());
            try
            {
                server.Bind();
                return server;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                server.Dispose();
            }

            // The agent before us may be ending still.
            await Task.Delay(Between, time, cancellation);
            if (attempt % Attempts == 0)
            {
                var free = AgentPorts.Free();
                state.Update(current => current with { KmipPort = free });
                Log.BridgeMoved(logs.CreateLogger("Ear.Agent.Kmip"), port, free);
            }
        }
    }
}
