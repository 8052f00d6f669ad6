using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Ear.Local.Kms.Google.Port;

/// <summary>Accepts connections, looks at their first bytes without taking them, and hands each to the listener of what it speaks.</summary>
internal sealed class Sorter
{
    private readonly IConnectionListener socket;
    private readonly Channel<ConnectionContext> http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> http2 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> tls = Channel.CreateUnbounded<ConnectionContext>();
    private readonly ConcurrentDictionary<string, ConnectionContext> undecided = new();
    private readonly Task accepting;

    public Sorter(IConnectionListener socket)
    {
        this.socket = socket;
        Http1 = new Part(this, http1.Reader, ownsSocket: true);
        Http2 = new Part(this, http2.Reader, ownsSocket: false);
        Tls = new Part(this, tls.Reader, ownsSocket: false);
        accepting = AcceptAsync();
    }

    public IConnectionListener Http1 { get; }

    public IConnectionListener Http2 { get; }

    public IConnectionListener Tls { get; }

    /// <summary>The record that a TLS client begins with.</summary>
    private const byte Handshake = 22;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private async Task AcceptAsync()
    {
        Exception? failure = null;
        try
        {
            while (await socket.AcceptAsync() is { } connection)
            {
                undecided[connection.ConnectionId] = connection;
                // Not awaited: a client that connects and says nothing holds up nobody else. It ends when the connection does.
                _ = SortAsync(connection);
            }
        }
        catch (Exception e)
        {
            // Kestrel hears of it by its own AcceptAsync.
            failure = e;
        }
        http1.Writer.TryComplete(failure);
        http2.Writer.TryComplete(failure);
        tls.Writer.TryComplete(failure);
    }

    private async Task SortAsync(ConnectionContext connection)
    {
        Channel<ConnectionContext>? taker = null;
        try
        {
            taker = await TakerAsync(connection);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // It broke before it said a word: there is nobody to serve.
        }
        undecided.TryRemove(connection.ConnectionId, out _);
        if (taker?.Writer.TryWrite(connection) != true)
            await connection.DisposeAsync();
    }

    /// <returns>null when it was closed before it could be told.</returns>
    private async Task<Channel<ConnectionContext>?> TakerAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(connection.ConnectionClosed);
            var begin = Beginning(read.Buffer);
            var decided = begin is [Handshake, ..] ? tls : !Preface.StartsWith(begin) ? http1 : begin.Length == Preface.Length ? http2 : null;
            var over = decided is not null || read.IsCompleted || read.IsCanceled;
            // What was seen stays unread for Kestrel; what is too short to tell is not shown again before there is more of it.
            input.AdvanceTo(read.Buffer.Start, over ? read.Buffer.Start : read.Buffer.End);
            if (over)
                return decided ?? (begin.Length > 0 ? http1 : null);
        }
    }

    private static byte[] Beginning(in ReadOnlySequence<byte> buffer) => buffer.Slice(0, Math.Min(buffer.Length, Preface.Length)).ToArray();

    private async ValueTask CloseAsync()
    {
        await socket.DisposeAsync();
        await accepting;
        foreach (var connection in undecided.Values)
            connection.Abort();
    }

    /// <summary>What Kestrel takes for a listener of its own.</summary>
    private sealed class Part(Sorter sorter, ChannelReader<ConnectionContext> connections, bool ownsSocket) : IConnectionListener
    {
        public EndPoint EndPoint => sorter.socket.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await connections.WaitToReadAsync(cancellationToken) && connections.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => sorter.socket.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => ownsSocket ? sorter.CloseAsync() : ValueTask.CompletedTask;
    }
}
