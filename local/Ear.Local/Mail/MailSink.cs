using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Mail;

/// <summary>
/// A mail server on loopback that keeps what it is sent and delivers nothing: the SMTP conversation is real, the mails are files to look at.
/// <code>await using var sink = MailSink.Start(new("data/mail") { Port = folder.RememberedPort("mail") }, time, logger);</code>
/// </summary>
internal sealed class MailSink : IAsyncDisposable
{
    private readonly MailSinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TcpListener _listener;
    private readonly MailFolder _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _free;
    private readonly Task _listening;
    private bool _stopped;

    private MailSink(MailSinkOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _folder = new MailFolder(options.Folder);
        _free = new SemaphoreSlim(options.MaxConversations, options.MaxConversations);
        _listener = new TcpListener(IPAddress.Loopback, options.Port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _listening = ListenAsync();
        logger.MailSinkListens(Port, options.Folder);
    }

    public int Port { get; }

    /// <summary>Listens when this returns.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static MailSink Start(MailSinkOptions options, TimeProvider time, ILogger logger) => new(options, time, logger);

    /// <summary>Every mail so far, in the order of arrival, repeats included.</summary>
    public IReadOnlyList<TakenMail> List() => _folder.List();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, true))
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        await _listening;
        // Every conversation gives its place back when it ends.
        for (var i = 0; i < _options.MaxConversations; i++)
            await _free.WaitAsync();
        _free.Dispose();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _free.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            if (await AcceptAsync() is not { } client)
            {
                _free.Release();
                return;
            }
            _ = TalkAsync(client);
        }
    }

    /// <returns>Null when the sink stops.</returns>
    private async Task<TcpClient?> AcceptAsync()
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e)
            {
                // One connection that broke before it was accepted; the next one is not concerned.
                _logger.MailConversationBroke(e);
            }
        }
    }

    // Owned through _free: DisposeAsync waits until each has released its place.
    private async Task TalkAsync(TcpClient client)
    {
        await Task.Yield();
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                await new SmtpConversation(PipeReader.Create(stream), stream, _folder, _options, _time).HoldAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping ends conversations; a mail that was not answered is the client's still.
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException)
        {
            _logger.MailConversationBroke(e);
        }
        finally
        {
            _free.Release();
        }
    }
}
