using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Kmip;

/// <summary>One TLS connection: handshake with a client certificate of ours, then request after request until the peer leaves.</summary>
internal sealed class KmipConnection(Socket socket, KmipBridge bridge, KmipCertificates certificates, KmipServerOptions options, TimeProvider time, ILogger logger)
{
    public async Task ServeAsync(CancellationToken cancellation)
    {
        // Away from the accept loop: what follows may complete synchronously for a while.
        await Task.Yield();
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            await HandshakeAsync(tls, cancellation);
            while (await ServeOneAsync(tls, cancellation))
            {
            }
        }
        catch (AuthenticationException exception)
        {
            Log.ClientRefused(logger, exception.Message);
        }
        catch (IOException exception)
        {
            Log.ConnectionLost(logger, exception.Message);
        }
        catch (OperationCanceledException)
        {
            Log.ConnectionEnded(logger, cancellation.IsCancellationRequested ? "the agent stops" : "it was idle");
        }
    }

    private async Task HandshakeAsync(SslStream tls, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificates.Server, additionalCertificates: null, offline: true),
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 client && certificates.Admits(client),
            },
            either.Token);
    }

    /// <returns>False when the connection is over: the peer left, or what it sent cannot be trusted any more.</returns>
    private async Task<bool> ServeOneAsync(SslStream tls, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        var header = new byte[TtlvItem.HeaderLength];
        var read = await tls.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, either.Token);
        if (read < header.Length)
            return false;
        // Bounded before a byte is allocated for it.
        var length = TtlvItem.LengthIn(header);
        if (length > options.MaxRequestBytes)
        {
            using var refusal = bridge.Refuse(KmipVersion.Newest, KmipReason.InvalidMessage, $"A request may be at most {options.MaxRequestBytes} bytes long.");
            await tls.WriteAsync(refusal.Bytes, either.Token);
            return false;
        }

        // A Register carries a key: pinned here, zeroed below. TLS's own buffers are out of reach.
        var request = GC.AllocateArray<byte>(header.Length + (int)length, pinned: true);
        try
        {
            header.CopyTo(request, 0);
            await tls.ReadExactlyAsync(request.AsMemory(header.Length), either.Token);
            using var reply = await bridge.AnswerAsync(request, cancellation);
            await tls.WriteAsync(reply.Bytes, cancellation);
            return !reply.Close;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
        }
    }
}
