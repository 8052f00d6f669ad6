using Ear.Providers.Kms;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>How Ear reaches Google Cloud KMS. Checked before the first request, all faults at once.</summary>
public sealed class GoogleCloudKmsOptions : KmsCallOptions
{
    public const string Section = "Ear:GoogleCloudKms";

    // 60,000 cryptographic requests a minute for each calling project, 5 % of it (spec kms §4).
    public GoogleCloudKmsOptions()
        : base(callsPerSecond: 50)
    {
    }

    /// <summary>Where Cloud KMS is instead of <c>https://cloudkms.googleapis.com</c>: a local KMS (http: HTTP/2 without TLS), a private endpoint. Default: Google's own.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Where access tokens come from instead of <c>https://oauth2.googleapis.com/token</c>; service-account keys may then name it. Default: Google's own.</summary>
    public Uri? TokenUri { get; set; }

    /// <summary>File with the key of Ear's own service account. Default: <see cref="ServiceAccountKey"/>.</summary>
    public string? ServiceAccountKeyFile { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>The key of Ear's own service account, Google's JSON document. Default: Google's application default credentials (metadata server, workload identity, gcloud).</summary>
    public string? ServiceAccountKey { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Calls a second for metadata of keys, of which Google allows 300 a minute for each calling project. Default 0.25 (5 % of it), 0.01 to 1,000.</summary>
    public double MetadataCallsPerSecond { get; set; } = 0.25;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"Cloud KMS {Endpoint?.ToString() ?? "of Google"}, tokens {TokenUri?.ToString() ?? "of Google"}";
}

internal sealed class GoogleCloudKmsOptionsCheck : IValidateOptions<GoogleCloudKmsOptions>
{
    public ValidateOptionsResult Validate(string? name, GoogleCloudKmsOptions options)
    {
        var faults = new OptionFaults(GoogleCloudKmsOptions.Section);
        faults.Http(nameof(options.Endpoint), options.Endpoint);
        faults.Http(nameof(options.TokenUri), options.TokenUri);
        if (options.ServiceAccountKeyFile is not null && options.ServiceAccountKey is not null)
            faults.Add(nameof(options.ServiceAccountKeyFile), $"and {nameof(options.ServiceAccountKey)} are both given; choose one.");
        faults.Within(nameof(options.MetadataCallsPerSecond), options.MetadataCallsPerSecond, 0.01, 1_000);
        options.CheckCalls(faults);
        return faults.Result;
    }
}
