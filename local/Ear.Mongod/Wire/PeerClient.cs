using System.Net.Sockets;
using MongoDB.Bson;

namespace Ear.Mongod.Wire;

/// <summary>One connection to another member; requests go one after the other. Any failure closes it and the next request opens a new one.</summary>
internal sealed class PeerClient(string host) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TcpClient? _connection;
    private int _requestId;

    public string Host => host;

    /// <returns>The reply's body, whatever its <c>ok</c> says.</returns>
    /// <exception cref="IOException">The member cannot be reached, or not within the time given.</exception>
    public async Task<BsonDocument> SendAsync(string database, BsonDocument command, TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await _turn.WaitAsync(both.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"{host} did not answer within {timeout.TotalMilliseconds:0} ms", e);
        }
        try
        {
            return await ExchangeAsync(new BsonDocument(command) { ["$db"] = database }, both.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException or ObjectDisposedException or OperationCanceledException)
        {
            _connection?.Dispose();
            _connection = null;
            ct.ThrowIfCancellationRequested();
            throw new IOException(e is OperationCanceledException ? $"{host} did not answer within {timeout.TotalMilliseconds:0} ms" : $"{host}: {e.Message}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<BsonDocument> ExchangeAsync(BsonDocument command, CancellationToken ct)
    {
        if (_connection is null)
        {
            var (name, port) = HostAndPort.Parse(host);
            _connection = new TcpClient { NoDelay = true };
            await _connection.ConnectAsync(name, port, ct);
        }
        var stream = _connection.GetStream();
        await stream.WriteAsync(WireMessage.Request(++_requestId, command), ct);
        var reply = await WireMessage.ReadAsync(stream, ct) ?? throw new IOException("closed the connection");
        return reply.Body;
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _turn.Dispose();
    }
}
