using System.Security.Cryptography.X509Certificates;

namespace Ear.Local.Kms.Tls;

/// <summary>What this machine's services show to TLS clients; renewed when it nears its end.</summary>
internal sealed class ServerCertificate(LocalCa authority, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly Lock renewing = new();
    private X509Certificate2 certificate = authority.Issue();

    public X509Certificate2 Current()
    {
        lock (renewing)
        {
            // The one before may be in the middle of a handshake: it is left to the collector.
            if (certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime < RenewBefore)
                certificate = authority.Issue();
            return certificate;
        }
    }

    public void Dispose() => certificate.Dispose();
}
