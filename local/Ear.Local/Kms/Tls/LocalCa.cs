using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Tls;

/// <summary>A certification authority of this data folder alone. Whoever trusts it trusts whoever can read the folder, so its key is 0600 and never leaves it.</summary>
internal sealed class LocalCa
{
    public const string CertificateFile = "kms-ca.pem";
    public const string KeyFile = "kms-ca.key";

    private static readonly TimeSpan Life = TimeSpan.FromDays(3_650);

    /// <summary>Less than the 398 days that clients take.</summary>
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(90);

    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);

    private readonly X509Certificate2 authority;
    private readonly TimeProvider time;

    private LocalCa(X509Certificate2 authority, TimeProvider time) => (this.authority, this.time) = (authority, time);

    public static LocalCa LoadOrCreate(KmsFolder folder, TimeProvider time)
    {
        var (certificate, key) = (folder.ReadText(CertificateFile), folder.ReadText(KeyFile));
        if (certificate is null && key is null)
            return Create(folder, time);
        if (certificate is null || key is null)
            throw new InvalidOperationException($"Of {folder.Path(CertificateFile)} and {folder.Path(KeyFile)} one is missing. Restore it, or remove both: clients must then be given the new certificate.");
        try
        {
            var authority = X509Certificate2.CreateFromPem(certificate, key);
            return End(authority) > time.GetUtcNow()
                ? new LocalCa(authority, time)
                : throw new InvalidOperationException($"{folder.Path(CertificateFile)} has expired. Remove it and {folder.Path(KeyFile)}: clients must then be given the new certificate.");
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException($"{folder.Path(CertificateFile)} and {folder.Path(KeyFile)} are no pair ({e.Message}). Restore them, or remove both: clients must then be given the new certificate.", e);
        }
    }

    /// <summary>A certificate for this machine. Whoever is given it disposes it.</summary>
    public X509Certificate2 Issue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.localhost");
        names.AddDnsName("*.vault.localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = time.GetUtcNow();
        // The authority may have been made in this very second, or by a clock that is ahead.
        DateTimeOffset from = new(authority.NotBefore);
        using var signed = request.Create(authority, now - Backdated > from ? now - Backdated : from, Earlier(now + ServerLife, End(authority)), RandomNumberGenerator.GetBytes(16));
        using var whole = signed.CopyWithPrivateKey(key);
        // Through PKCS#12: TLS on Windows takes no key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>Of the same form, of an authority that nobody has heard of.</summary>
    public static LocalCa Unknown(TimeProvider time) => new(NewAuthority(time), time);

    private static LocalCa Create(KmsFolder folder, TimeProvider time)
    {
        var created = NewAuthority(time);
        using var key = created.GetECDsaPrivateKey()!;
        folder.WriteText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        folder.WriteText(CertificateFile, created.ExportCertificatePem());
        return new LocalCa(created, time);
    }

    private static X509Certificate2 NewAuthority(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Ear local KMS, O=Ear on this machine", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now - Backdated, now + Life);
    }

    private static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
