using Ear.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http;

/// <summary>Settings of all HTTP doors, section <c>Ear:Http</c>.</summary>
public sealed class DoorOptions
{
    public const string Section = "Ear:Http";

    /// <summary>Scheme and host of the links in answers, as clients reach Ear through a proxy. Default: none, the request's own.</summary>
    public Uri? PublicBaseUrl { get; set; }

    /// <summary>Bytes of a body beyond which it is refused with 413. Default 1 MiB; 1 KiB to 16 MiB.</summary>
    public int BodyLimitBytes { get; set; } = 1 << 20;

    /// <summary>How long a Digest nonce is taken; afterwards the client gets a fresh one (stale=true) and asks again. Default 5 minutes; 10 s to 1 h.</summary>
    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many used nonces are remembered against replays. Beyond it the oldest are forgotten and become stale. Default 100,000; 100 to 10,000,000 (about 120 bytes each).</summary>
    public int RememberedNonces { get; set; } = 100_000;

    /// <summary>How long an access token of a service account lives. Default 1 hour; 1 minute to 24 hours.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many tokens can be revoked within one token lifetime; beyond it a revocation is refused with 429. Default 10,000; 1 to 100,000.</summary>
    public int RevocationLimit { get; set; } = 10_000;

    /// <summary>How many requests a second one credential may make for long; beyond it 429 with Retry-After. Default 500; 0 (no limit) to 1,000,000. In each instance.</summary>
    public double RequestsPerSecond { get; set; } = 500;

    /// <summary>How many requests one credential may make at once after a pause. Default 2,000; 1 to 10,000,000.</summary>
    public int RequestsAtOnce { get; set; } = 2_000;

    /// <summary>A path of ours as clients reach it.</summary>
    internal string Absolute(HttpRequest request, string path)
        => (PublicBaseUrl is { } url ? url.GetLeftPart(UriPartial.Authority) : UriHelper.BuildAbsolute(request.Scheme, request.Host).TrimEnd('/')) + path;
}

/// <summary>Reports all faults at once.</summary>
internal sealed class DoorOptionsFaults : IValidateOptions<DoorOptions>
{
    public ValidateOptionsResult Validate(string? name, DoorOptions options)
    {
        var faults = new OptionFaults(DoorOptions.Section);
        if (options.PublicBaseUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/"))
            faults.Add(nameof(options.PublicBaseUrl), "is more or less than scheme and host; write as https://ear.example.com.");
        faults.Within(nameof(options.BodyLimitBytes), options.BodyLimitBytes, 1024, 16 << 20);
        faults.Within(nameof(options.NonceLifetime), options.NonceLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));
        faults.Within(nameof(options.RememberedNonces), options.RememberedNonces, 100, 10_000_000);
        faults.Within(nameof(options.TokenLifetime), options.TokenLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24));
        faults.Within(nameof(options.RevocationLimit), options.RevocationLimit, 1, 100_000);
        if (options.RequestsPerSecond is not (0 or (>= 0.01 and <= 1_000_000)))
            faults.Add(nameof(options.RequestsPerSecond), $"is {options.RequestsPerSecond}; choose 0.01 to 1000000, or 0 for no limit.");
        faults.Within(nameof(options.RequestsAtOnce), options.RequestsAtOnce, 1, 10_000_000);
        return faults.Result;
    }
}
