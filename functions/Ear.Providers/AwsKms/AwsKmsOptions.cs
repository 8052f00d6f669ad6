using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>How Ear reaches AWS. Checked before the first request, all faults at once.</summary>
public sealed class AwsKmsOptions
{
    public const string Section = "Ear:AwsKms";

    /// <summary>Where KMS is instead of <c>kms.{region}.amazonaws.com</c>: a local KMS, a VPC endpoint. Default: AWS's own.</summary>
    public Uri? KmsEndpoint { get; set; }

    /// <summary>Where STS is instead of <c>sts.{region}.amazonaws.com</c>. Default: AWS's own.</summary>
    public Uri? StsEndpoint { get; set; }

    /// <summary>Region whose STS is asked when a role is tried without a key. Default us-east-1.</summary>
    public string StsRegion { get; set; } = "us-east-1";

    /// <summary>Ear's own access key. Default: the AWS SDK's chain (environment, profile, container, instance).</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>Secret of <see cref="AccessKeyId"/>; the two are given together or not at all.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>How long one request may take. Default 3 s, 100 ms to 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one check, wrap or unwrap may take with all its tries. Default 10 s (spec kms §3), at least <see cref="AttemptTimeout"/>, at most 60 s.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries of one call. Default 3, 1 to 5.</summary>
    public int MaxTries { get; set; } = 3;

    /// <summary>The first wait between tries is at most this, the next twice as much, each drawn evenly from zero up. Default 200 ms, 1 ms to 2 s.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Role sessions kept for reuse; more make the oldest be asked for again. Default 10,000, 1 to 1,000,000.</summary>
    public int CachedSessions { get; set; } = 10_000;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"KMS {KmsEndpoint?.ToString() ?? "of AWS"}, STS {StsEndpoint?.ToString() ?? "of AWS"}, {AccessKeyId ?? "credentials of the environment"}";
}

internal sealed class AwsKmsOptionsCheck : IValidateOptions<AwsKmsOptions>
{
    public ValidateOptionsResult Validate(string? name, AwsKmsOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrEmpty(options.AccessKeyId) != string.IsNullOrEmpty(options.SecretAccessKey))
            faults.Add($"{AwsKmsOptions.Section}: give {nameof(options.AccessKeyId)} and {nameof(options.SecretAccessKey)} together, or neither to use the environment's credentials.");
        if (string.IsNullOrWhiteSpace(options.StsRegion))
            faults.Add($"{AwsKmsOptions.Section}:{nameof(options.StsRegion)} is empty; name a region, e.g. us-east-1.");
        Http(nameof(options.KmsEndpoint), options.KmsEndpoint);
        Http(nameof(options.StsEndpoint), options.StsEndpoint);
        Within(nameof(options.AttemptTimeout), options.AttemptTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        Within(nameof(options.Budget), options.Budget, options.AttemptTimeout, TimeSpan.FromSeconds(60));
        Within(nameof(options.MaxTries), options.MaxTries, 1, 5);
        Within(nameof(options.Backoff), options.Backoff, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        Within(nameof(options.CachedSessions), options.CachedSessions, 1, 1_000_000);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Http(string setting, Uri? value)
        {
            if (value is not null && (!value.IsAbsoluteUri || value.Scheme is not ("http" or "https")))
                faults.Add($"{AwsKmsOptions.Section}:{setting} is {value}; give an http or https address, or leave it out.");
        }

        void Within<T>(string setting, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
                faults.Add($"{AwsKmsOptions.Section}:{setting} is {value}; choose {min} to {max}.");
        }
    }
}
