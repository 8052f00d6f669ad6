using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ear.Mongod.Commands;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;
using MongoDB.Bson;

namespace Ear.Mongod.Wire;

/// <summary>Accepts connections and runs the commands of each in the order they came.</summary>
internal sealed class WireServer(CommandDispatcher dispatcher, ServerLog log) : IAsyncDisposable
{
    private const int MaxConnections = 5000;
    private readonly ConcurrentDictionary<int, (TcpClient Socket, Task Task)> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _accepting = [];
    private int _connectionId;
    private int _requestId;

    public int ConnectionCount => _connections.Count;

    public int TotalCreated => _connectionId;

    /// <summary>The port in use: the one asked for, or the one the system gave for 0.</summary>
    public int Port { get; private set; }

    public void Start(MongodOptions options)
    {
        Port = options.Port;
        foreach (var name in options.BindIp.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var address = name == "localhost" ? IPAddress.Loopback
                : IPAddress.TryParse(name, out var ip) ? ip
                : Dns.GetHostAddresses(name).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
                    ?? throw new StartupException(ExitCode.NetError, $"--bind_ip {name} does not resolve to an address");
            var listener = new TcpListener(address, Port);
            try
            {
                listener.Start(512);
            }
            catch (SocketException e)
            {
                throw new StartupException(ExitCode.NetError, $"Failed to set up listener: {address}:{Port}: {e.Message}", e);
            }
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            _listeners.Add(listener);
            _accepting.Add(AcceptAsync(listener));
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient socket;
            try
            {
                socket = await listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                log.Warning("NETWORK", 22989, "A connection could not be accepted", ("error", e.Message));
                continue;
            }
            if (_connections.Count >= MaxConnections)
            {
                log.Warning("NETWORK", 22942, "Connection refused because there are too many open connections", ("connectionCount", _connections.Count));
                socket.Dispose();
                continue;
            }
            var id = Interlocked.Increment(ref _connectionId);
            // Registered before the first await can end it, so that it is always found and removed.
            var entry = new TaskCompletionSource();
            _connections[id] = (socket, entry.Task);
            _ = ServeAsync(id, socket, entry);
        }
    }

    private async Task ServeAsync(int id, TcpClient socket, TaskCompletionSource ended)
    {
        await Task.Yield();
        try
        {
            socket.NoDelay = true;
            var stream = socket.GetStream();
            var remote = socket.Client.RemoteEndPoint?.ToString() ?? "";
            while (await WireMessage.ReadAsync(stream, _stop.Token) is { } message)
            {
                var request = new CommandRequest(message.Body, id, remote);
                var reply = await dispatcher.RunAsync(request, _stop.Token);
                if (message.WantsNoReply) continue;
                if (message.TakesStream && reply.Contains("topologyVersion")) await StreamAsync(stream, message, request, reply);
                else await stream.WriteAsync(WireMessage.Reply(message, Interlocked.Increment(ref _requestId), reply), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side went away, or we are stopping: both end this connection and nothing else.
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or BsonException or ArgumentException)
        {
            log.Warning("NETWORK", 22988, "A message could not be understood; the connection is closed", ("connectionId", id), ("error", e.Message));
        }
        finally
        {
            socket.Dispose();
            _connections.TryRemove(id, out _);
            ended.SetResult();
        }
    }

    /// <summary>
    /// Goes on answering one hello, each time something changed or its waiting time is over, until the other side hangs up.
    /// The .NET driver needs this form: without it, it asks again at once with a topology version that never moves.
    /// </summary>
    private async Task StreamAsync(Stream stream, WireMessage message, CommandRequest request, BsonDocument reply)
    {
        for (var last = message.RequestId; ; reply = await dispatcher.RunAsync(request, _stop.Token))
        {
            var id = Interlocked.Increment(ref _requestId);
            await stream.WriteAsync(WireMessage.StreamedReply(last, id, reply), _stop.Token);
            last = id;
            if (!reply.Contains("topologyVersion")) return;
            request.Body["topologyVersion"] = reply["topologyVersion"];
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners) listener.Dispose();
        await _stop.CancelAsync();
        await Task.WhenAll(_accepting);
        await Task.WhenAll(_connections.Values.Select(c => c.Task));
        _stop.Dispose();
    }
}
