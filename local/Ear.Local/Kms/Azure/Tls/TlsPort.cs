using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Ear.Local.Kms.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Ear.Local.Kms.Azure.Tls;

/// <summary>What is wrong with TLS.</summary>
internal enum TlsFailure
{
    None,

    /// <summary>The certificate is of an authority that no client trusts.</summary>
    UntrustedCertificate,

    /// <summary>The connection ends in the middle of the handshake.</summary>
    BrokenHandshake,
}

/// <summary>TLS of the port, and its failures on demand.</summary>
internal sealed class TlsPort : IDisposable
{
    private readonly ServerCertificate certificate;
    private readonly Lazy<X509Certificate2> untrusted;
    private readonly ConcurrentDictionary<ConnectionContext, bool> connections = new();
    private volatile TlsFailure failure;

    public TlsPort(LocalCa authority, TimeProvider time)
    {
        untrusted = new(() => LocalCa.Unknown(time).Issue());
        certificate = new ServerCertificate(authority, time);
    }

    /// <summary>Set: the connections that are open break, so that every client meets it at its next request.</summary>
    public TlsFailure Failure
    {
        get => failure;
        set
        {
            if (failure == value)
                return;
            failure = value;
            foreach (var connection in connections.Keys)
                connection.Abort();
        }
    }

    public void Configure(ListenOptions listen)
    {
        // A reset fault breaks a connection: with HTTP/2 it would break one of its streams.
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => AcceptAsync(connection, next));
        listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => Certificate() });
    }

    public void Dispose()
    {
        certificate.Dispose();
        if (untrusted.IsValueCreated)
            untrusted.Value.Dispose();
    }

    private async Task AcceptAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (failure == TlsFailure.BrokenHandshake)
        {
            // Its first message is read, as by a peer that did not like it.
            await connection.Transport.Input.ReadAsync(connection.ConnectionClosed);
            connection.Abort();
            return;
        }
        connections[connection] = true;
        try
        {
            await next(connection);
        }
        finally
        {
            connections.TryRemove(connection, out _);
        }
    }

    private X509Certificate2 Certificate() => failure == TlsFailure.UntrustedCertificate ? untrusted.Value : certificate.Current();
}
