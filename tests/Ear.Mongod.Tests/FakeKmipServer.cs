using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Mongod.Kmip;

namespace Ear.Mongod.Tests;

/// <summary>A small KMIP server with mutual TLS whose keys and moods the test sets.</summary>
internal sealed class FakeKmipServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _ca;
    private readonly Task _accepting;

    public FakeKmipServer(TempFolder folder)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ca = new CertificateRequest("CN=test KMIP CA", caKey, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _ca = ca.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _server = Issue("CN=kmip", "localhost");
        using var client = Issue("CN=mongod", "client");
        (CaFile, ClientFile) = (folder["ca.pem"], folder["client.pem"]);
        File.WriteAllText(CaFile, _ca.ExportCertificatePem());
        File.WriteAllText(ClientFile, client.ExportCertificatePem() + "\n" + client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string CaFile { get; }

    public string ClientFile { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentDictionary<string, (byte[] Key, KeyState State)> Keys { get; } = new();

    /// <summary>Operations in the order they came, e.g. "Register".</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    /// <summary>Every request is answered with a general failure.</summary>
    public bool Fails { get; set; }

    public string[] Options => ["--enableEncryption", "--encryptionCipherMode", "AES256-GCM", "--kmipServerName", "localhost", "--kmipPort", $"{Port}", "--kmipClientCertificateFile", ClientFile, "--kmipServerCAFile", CaFile, "--kmipKeyStatePollingSeconds", "1"];

    public void Set(string id, KeyState state) => Keys[id] = Keys[id] with { State = state };

    private X509Certificate2 Issue(string name, string dns)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_ca, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true) sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient socket)
    {
        using var owned = socket;
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(_ca);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _server, ClientCertificateRequired = true, CertificateChainPolicy = policy }, _stop.Token);
            var head = new byte[8];
            while (await tls.ReadAtLeastAsync(head, 8, throwOnEndOfStream: false, _stop.Token) == 8)
            {
                var message = new byte[8 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4))];
                head.CopyTo(message, 0);
                await tls.ReadExactlyAsync(message.AsMemory(8), _stop.Token);
                await tls.WriteAsync(Answer(Ttlv.Decode(message)).Encode(), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            Seen.Enqueue($"({e.GetType().Name})");
        }
    }

    private Ttlv Answer(Ttlv request)
    {
        var item = request.Get(Tags.BatchItem);
        var (operation, payload) = ((Operation)item.Get(Tags.Operation).AsInteger, item.Get(Tags.RequestPayload));
        Seen.Enqueue(operation.ToString());
        var id = payload.Find(Tags.UniqueIdentifier)?.AsText ?? $"key-{Keys.Count + 1}";
        if (Fails) return Failure(operation, 0x100);
        if (operation == Operation.Register) Keys[id] = (payload.Get(Tags.SymmetricKey).Get(Tags.KeyBlock).Get(Tags.KeyValue).Get(Tags.KeyMaterial).Value, KeyState.PreActive);
        if (!Keys.TryGetValue(id, out var key)) return Failure(operation, 1);
        if (operation == Operation.Activate) Set(id, KeyState.Active);
        var idItem = Ttlv.Text(Tags.UniqueIdentifier, id);
        return Success(operation, operation switch
        {
            Operation.GetAttributes => [idItem, Ttlv.Structure(Tags.Attribute, Ttlv.Text(Tags.AttributeName, "State"), Ttlv.Enumeration(Tags.AttributeValue, (int)key.State))],
            Operation.Get => [Ttlv.Enumeration(Tags.ObjectType, 2), idItem, Ttlv.Structure(Tags.SymmetricKey, Ttlv.Structure(Tags.KeyBlock, Ttlv.Enumeration(Tags.KeyFormatType, 1), Ttlv.Structure(Tags.KeyValue, Ttlv.Bytes(Tags.KeyMaterial, key.Key))))],
            _ => [idItem],
        });
    }

    private static Ttlv Success(Operation operation, Ttlv[] payload) => Response(Ttlv.Enumeration(Tags.Operation, (int)operation), Ttlv.Enumeration(Tags.ResultStatus, 0), Ttlv.Structure(Tags.ResponsePayload, payload));

    private static Ttlv Failure(Operation operation, int reason) => Response(Ttlv.Enumeration(Tags.Operation, (int)operation), Ttlv.Enumeration(Tags.ResultStatus, 1), Ttlv.Enumeration(Tags.ResultReason, reason), Ttlv.Text(Tags.ResultMessage, "no"));

    private static Ttlv Response(params Ttlv[] item) => Ttlv.Structure(Tags.ResponseMessage,
        Ttlv.Structure(Tags.ResponseHeader,
            Ttlv.Structure(Tags.ProtocolVersion, Ttlv.Integer(Tags.ProtocolVersionMajor, 1), Ttlv.Integer(Tags.ProtocolVersionMinor, 0)),
            Ttlv.DateTime(Tags.TimeStamp, DateTimeOffset.UtcNow), Ttlv.Integer(Tags.BatchCount, 1)),
        Ttlv.Structure(Tags.BatchItem, item));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _server.Dispose();
        _ca.Dispose();
        _stop.Dispose();
    }
}
