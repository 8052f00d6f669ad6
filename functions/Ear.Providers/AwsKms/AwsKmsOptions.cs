using Ear.Providers.Kms;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>How Ear reaches AWS. Checked before the first request, all faults at once.</summary>
public sealed class AwsKmsOptions : KmsCallOptions
{
    // 5 % of the 5,500 symmetric operations a second that KMS lets an account do in a region (spec kms §4) are 275; a tenth of a second's worth may come at once: 250 + 25.
    public AwsKmsOptions()
        : base(callsPerSecond: 250)
    {
    }

    public const string Section = "Ear:AwsKms";

    /// <summary>Where KMS is instead of <c>kms.{region}.amazonaws.com</c>: a local KMS, a VPC endpoint. Default: AWS's own.</summary>
    public Uri? KmsEndpoint { get; set; }

    /// <summary>Where STS is instead of <c>sts.{region}.amazonaws.com</c>. Default: AWS's own.</summary>
    public Uri? StsEndpoint { get; set; }

    /// <summary>Region whose STS is asked when a role is tried without a key. Default us-east-1.</summary>
    public string StsRegion { get; set; } = "us-east-1";

    /// <summary>Ear's own access key. Default: the AWS SDK's chain (environment, profile, container, instance).</summary>
    public string? AccessKeyId { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Secret of <see cref="AccessKeyId"/>; the two are given together or not at all.</summary>
    public string? SecretAccessKey { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"KMS {KmsEndpoint?.ToString() ?? "of AWS"}, STS {StsEndpoint?.ToString() ?? "of AWS"}, {AccessKeyId ?? "credentials of the environment"}";
}

internal sealed class AwsKmsOptionsCheck : IValidateOptions<AwsKmsOptions>
{
    public ValidateOptionsResult Validate(string? name, AwsKmsOptions options)
    {
        var faults = new OptionFaults(AwsKmsOptions.Section);
        if (options.AccessKeyId is null != options.SecretAccessKey is null)
            faults.Add(nameof(options.AccessKeyId), $"and {nameof(options.SecretAccessKey)} are given together, or neither to use the environment's credentials.");
        if (string.IsNullOrWhiteSpace(options.StsRegion))
            faults.Add(nameof(options.StsRegion), "is empty; name a region, e.g. us-east-1.");
        faults.Http(nameof(options.KmsEndpoint), options.KmsEndpoint);
        faults.Http(nameof(options.StsEndpoint), options.StsEndpoint);
        options.CheckCalls(faults);
        return faults.Result;
    }
}
