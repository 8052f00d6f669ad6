using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Mongod.Options;

namespace Ear.Mongod.Kmip;

/// <summary>One TLS connection to a KMIP server, several requests on it, as one visit of a mongod. Answers are decoded as strictly as Percona does.</summary>
internal sealed class KmipSession : IAsyncDisposable
{
    private readonly TcpClient _socket;
    private readonly SslStream _tls;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    private KmipSession(TcpClient socket, SslStream tls, TimeProvider time, TimeSpan timeout) => (_socket, _tls, _time, _timeout) = (socket, tls, time, timeout);

    /// <exception cref="KmipException">Unreachable, or one of the two certificates is not accepted.</exception>
    public static async Task<KmipSession> ConnectAsync(string server, KmipOptions options, TimeProvider time, CancellationToken ct)
    {
        var timeout = TimeSpan.FromMilliseconds(options.ConnectTimeoutMs);
        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var socket = new TcpClient { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(server, options.Port, both.Token);
            using var own = X509Certificate2.CreateFromPemFile(options.ClientCertificateFile!);
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(options.ServerCaFile!);
            tls = new SslStream(socket.GetStream());
            await tls.AuthenticateAsClientAsync(TlsOptions(server, own, roots), both.Token);
            return new KmipSession(socket, tls, time, timeout);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or CryptographicException or UnauthorizedAccessException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            if (tls is not null) await tls.DisposeAsync();
            socket.Dispose();
            throw new KmipException(e is OperationCanceledException ? $"no connection within {options.ConnectTimeoutMs} ms" : e.Message, isConnect: true, inner: e);
        }
    }

    private static SslClientAuthenticationOptions TlsOptions(string server, X509Certificate2 own, X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return new SslClientAuthenticationOptions
        {
            TargetHost = server,
            ClientCertificateContext = SslStreamCertificateContext.Create(own, roots, offline: true),
            CertificateChainPolicy = policy,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
    }

    public async Task<string> RegisterAsync(byte[] key, CancellationToken ct)
    {
        var payload = await ExchangeAsync(Operation.Register, KmipRequests.Register(key, _time.GetUtcNow()), ct)
            ?? throw new KmipException("Register was answered with \"item not found\"");
        return payload.Get(Tags.UniqueIdentifier).AsText;
    }

    public async Task ActivateAsync(string keyId, CancellationToken ct)
    {
        var payload = await ExchangeAsync(Operation.Activate, KmipRequests.Activate(keyId, _time.GetUtcNow()), ct)
            ?? throw new KmipException($"Activate: key '{keyId}' is not known to the server");
        Echoes(payload, keyId);
    }

    /// <returns>Null: the server says there is no such key.</returns>
    public async Task<KeyState?> GetStateAsync(string keyId, CancellationToken ct)
    {
        if (await ExchangeAsync(Operation.GetAttributes, KmipRequests.GetState(keyId, _time.GetUtcNow()), ct) is not { } payload) return null;
        Echoes(payload, keyId);
        var attribute = payload.Get(Tags.Attribute);
        if (attribute.Get(Tags.AttributeName).AsText != "State") throw new KmipException("GetAttributes: the first attribute is not State");
        var value = attribute.Get(Tags.AttributeValue);
        return value.Type == TtlvType.Enumeration ? (KeyState)value.AsInteger : throw new KmipException("GetAttributes: State is not an enumeration");
    }

    /// <returns>The 32 key bytes; null: the server says there is no such key.</returns>
    public async Task<byte[]?> GetAsync(string keyId, CancellationToken ct)
    {
        if (await ExchangeAsync(Operation.Get, KmipRequests.Get(keyId, _time.GetUtcNow()), ct) is not { } payload) return null;
        if (payload.Get(Tags.ObjectType).AsInteger != 2) throw new KmipException("Get: the object is not a symmetric key");
        var block = payload.Get(Tags.SymmetricKey).Get(Tags.KeyBlock);
        if (block.Get(Tags.KeyFormatType).AsInteger != 1 || block.Find(Tags.KeyWrappingData) is not null) throw new KmipException("Get: the key is not in the raw format");
        var key = block.Get(Tags.KeyValue).Get(Tags.KeyMaterial).Value;
        return key.Length == 32 ? key : throw new KmipException($"Get: the key has {key.Length} bytes instead of 32");
    }

    private static void Echoes(Ttlv payload, string keyId)
    {
        if (payload.Get(Tags.UniqueIdentifier).AsText != keyId) throw new KmipException("The answer is about another key");
    }

    private async Task<Ttlv?> ExchangeAsync(Operation operation, Ttlv request, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await _tls.WriteAsync(request.Encode(), both.Token);
            return KmipAnswer.Payload(operation, await ReadAsync(both.Token));
        }
        catch (Exception e) when (e is IOException or InvalidDataException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new KmipException($"{operation}: {(e is OperationCanceledException ? "no answer in time" : e.Message)}", inner: e);
        }
    }

    private async Task<Ttlv> ReadAsync(CancellationToken ct)
    {
        var head = new byte[8];
        await _tls.ReadExactlyAsync(head, ct);
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4));
        if (length is < 0 or > Ttlv.MaxMessage) throw new InvalidDataException($"A KMIP answer of {length} bytes is too long");
        var message = new byte[8 + length];
        head.CopyTo(message, 0);
        await _tls.ReadExactlyAsync(message.AsMemory(8), ct);
        return Ttlv.Decode(message);
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _socket.Dispose();
    }
}
