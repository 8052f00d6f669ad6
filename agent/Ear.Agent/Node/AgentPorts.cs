using System.Net;
using System.Net.Sockets;
using Ear.Agent.Settings;
using Ear.Agent.Storage;

namespace Ear.Agent.Node;

/// <summary>Ports given as 0 are chosen once and kept: the set's configuration names one, a running mongod's command line the other.</summary>
internal static class AgentPorts
{
    public static (int Mongod, int Kmip) Settle(AgentSettings settings, AgentStateStore state)
    {
        var known = state.Current;
        var mongod = First(settings.Port, known.MongodPort);
        var kmip = First(settings.KmipPort, known.KmipPort);
        if (mongod != known.MongodPort || kmip != known.KmipPort)
            state.Update(current => current with { MongodPort = mongod, KmipPort = kmip });
        return (mongod, kmip);
    }

    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static int First(int told, int known) => told != 0 ? told : known != 0 ? known : Free();
}
