using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Kmip;

/// <summary>Listens on loopback only; one task a connection, all ended with the server.</summary>
internal sealed class KmipServer(KmipBridge bridge, KmipCertificates certificates, KmipServerOptions options, TimeProvider time, ILogger<KmipServer> logger) : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, options.Port);
    private readonly ConcurrentDictionary<long, Task> connections = new();

    /// <summary>Known once <see cref="Bind"/> has returned; with port 0 the system chooses.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Bind()
    {
        listener.Start();
        Log.Listening(logger, Port);
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (long number = 0; !cancellation.IsCancellationRequested; number++)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException exception)
            {
                // The peer gave up between SYN and accept, or we are out of descriptors for a moment.
                Log.AcceptFailed(logger, exception);
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (connections.Count >= options.MaxConnections)
            {
                Log.TooManyConnections(logger, options.MaxConnections);
                socket.Dispose();
                continue;
            }

            Track(number, new KmipConnection(socket, bridge, certificates, options, time, logger).ServeAsync(cancellation));
        }

        listener.Stop();
        await Task.WhenAll(connections.Values);
    }

    public void Dispose() => listener.Dispose();

    private void Track(long number, Task serving)
    {
        connections[number] = serving;
        _ = serving.ContinueWith(
            ended =>
            {
                connections.TryRemove(number, out _);
                // What a connection may expect to go wrong it handles itself: this is a bug, and it must be seen.
                if (ended.Exception is { } exception)
                    Log.ConnectionFailed(logger, exception);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}

internal sealed record KmipServerOptions
{
    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>mongod holds one for a moment; more than this is not mongod.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>Bytes. mongod's largest request is 440.</summary>
    public int MaxRequestBytes { get; init; } = 16 * 1024;

    /// <summary>For the TLS handshake, and for each next request to arrive whole.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
