using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Agent.Storage;

namespace Ear.Agent.Kmip;

/// <summary>
/// The bridge's own small world of trust: a CA that exists for the moment it signs, one server and one client certificate.
/// <c>kmipCA.pem</c> and <c>kmipClient.pem</c> are what mongod is given (<c>--kmipServerCAFile</c>, <c>--kmipClientCertificateFile</c>).
/// </summary>
internal sealed class KmipCertificates : IDisposable
{
    // Loopback only and guarded by file mode; a node outlives its disk less often than a certificate that expires unnoticed.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TimeProvider time;

    private KmipCertificates(string folder, X509Certificate2 authority, X509Certificate2 server, TimeProvider time)
    {
        this.time = time;
        CaFile = CaPath(folder);
        ClientFile = ClientPath(folder);
        Authority = authority;
        Server = server;
    }

    public string CaFile { get; }

    public string ClientFile { get; }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    /// <summary>Loads the set from <paramref name="folder"/>; an absent, torn (we died while writing) or soon expiring one is made anew.</summary>
    public static KmipCertificates LoadOrCreate(string folder, TimeProvider time)
    {
        if (TryLoad(folder, time) is { } found)
            return found;
        Create(folder, time);
        return TryLoad(folder, time)
            ?? throw new InvalidOperationException($"The certificates just written to {folder} cannot be read back; check the disk and its mount options.");
    }

    /// <summary>True for a client certificate that our CA signed for clients.</summary>
    public bool Admits(X509Certificate2 client)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(client);
    }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }

    private static string CaPath(string folder) => Path.Combine(folder, "kmipCA.pem");

    private static string ClientPath(string folder) => Path.Combine(folder, "kmipClient.pem");

    private static string ServerPath(string folder) => Path.Combine(folder, "kmipServer.pem");

    private static KmipCertificates? TryLoad(string folder, TimeProvider time)
    {
        if (!File.Exists(CaPath(folder)) || !File.Exists(ClientPath(folder)) || !File.Exists(ServerPath(folder)))
            return null;
        try
        {
            var authority = X509Certificate2.CreateFromPem(File.ReadAllText(CaPath(folder)));
            var server = X509Certificate2.CreateFromPemFile(ServerPath(folder));
            var certificates = new KmipCertificates(folder, authority, server, time);
            using var client = X509Certificate2.CreateFromPemFile(ClientPath(folder));
            var expiring = server.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime + RenewBefore;
            if (!expiring && certificates.Admits(client) && server.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData))
                return certificates;
            certificates.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            // A torn file: as good as none.
            return null;
        }
    }

    private static void Create(string folder, TimeProvider time)
    {
        // A day back, so that a clock that is set right later does not make them not valid yet.
        var from = time.GetUtcNow() - TimeSpan.FromDays(1);
        var until = from + Lifetime;
        var serial = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN=Ear KMIP bridge CA {serial}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, critical: false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        PrivateFile.Write(ServerPath(folder), Issue(authority, "CN=localhost", ServerAuthentication, names, from, until));
        PrivateFile.Write(ClientPath(folder), Issue(authority, "CN=mongod", ClientAuthentication, null, from, until));
        PrivateFile.Write(CaPath(folder), authority.ExportCertificatePem() + "\n");
    }

    private static string Issue(X509Certificate2 authority, string name, string usage, SubjectAlternativeNameBuilder? names, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (names is not null)
            request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
