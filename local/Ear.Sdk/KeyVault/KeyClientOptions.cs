using Azure.Core;

namespace Azure.Security.KeyVault.Keys;

/// <summary>How a <see cref="KeyClient"/> talks to its vault: retries, transport, policies, and the version of the REST API.</summary>
public class KeyClientOptions : ClientOptions
{
    public KeyClientOptions(ServiceVersion version = ServiceVersion.V2025_07_01) => Version = version;

    public enum ServiceVersion
    {
        V7_0 = 0,
        V7_1 = 1,
        V7_2 = 2,
        V7_3 = 3,
        V7_4 = 4,
        V7_5 = 5,
        V7_6 = 6,
        V2025_07_01 = 7,
    }

    public ServiceVersion Version { get; }

    /// <summary>Accept a challenge for a resource that is not the vault's own domain: only for a vault under another name, as a local one.</summary>
    public bool DisableChallengeResourceVerification { get; set; }

    internal string ApiVersion => Version switch
    {
        ServiceVersion.V7_0 => "7.0",
        ServiceVersion.V7_1 => "7.1",
        ServiceVersion.V7_2 => "7.2",
        ServiceVersion.V7_3 => "7.3",
        ServiceVersion.V7_4 => "7.4",
        ServiceVersion.V7_5 => "7.5",
        ServiceVersion.V7_6 => "7.6",
        ServiceVersion.V2025_07_01 => "2025-07-01",
        _ => throw new NotSupportedException($"The service version {Version} is not supported."),
    };
}
