using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ear.Providers.Kms;

/// <summary>A certificate authority of the operator's own.</summary>
internal static class OwnAuthority
{
    /// <summary>For connections to one host: what the system trusts, and what this authority vouches for.</summary>
    /// <param name="authority">Null: there is none.</param>
    public static SslClientAuthenticationOptions OrTheSystems(X509Certificate2? authority) => authority is null ? new() : new()
    {
        // Only an unknown issuer can be made good.
        RemoteCertificateValidationCallback = (_, presented, _, errors) => errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && presented is X509Certificate2 certificate && Vouches(authority, certificate)),
    };

    /// <summary>By itself: whom the system trusts does not matter. The certificate's name is the caller's to look at.</summary>
    public static bool Vouches(X509Certificate2 authority, X509Certificate2 presented)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.Add(authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return own.Build(presented);
    }
}
