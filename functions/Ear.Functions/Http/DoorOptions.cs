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
        var faults = new List<string>();
        if (options.PublicBaseUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/"))
            faults.Add($"{DoorOptions.Section}:{nameof(options.PublicBaseUrl)} is scheme and host only, as https://ear.example.com.");
        Demand(options.BodyLimitBytes is >= 1024 and <= 16 << 20, nameof(options.BodyLimitBytes), "is 1,024 to 16,777,216");
        Demand(options.NonceLifetime >= TimeSpan.FromSeconds(10) && options.NonceLifetime <= TimeSpan.FromHours(1), nameof(options.NonceLifetime), "is 00:00:10 to 01:00:00");
        Demand(options.RememberedNonces is >= 100 and <= 10_000_000, nameof(options.RememberedNonces), "is 100 to 10,000,000");
        Demand(options.TokenLifetime >= TimeSpan.FromMinutes(1) && options.TokenLifetime <= TimeSpan.FromHours(24), nameof(options.TokenLifetime), "is 00:01:00 to 24:00:00");
        Demand(options.RevocationLimit is >= 1 and <= 100_000, nameof(options.RevocationLimit), "is 1 to 100,000");
        Demand(options.RequestsPerSecond is 0 or (>= 0.01 and <= 1_000_000), nameof(options.RequestsPerSecond), "is 0.01 to 1,000,000, or 0 for no limit");
        Demand(options.RequestsAtOnce is >= 1 and <= 10_000_000, nameof(options.RequestsAtOnce), "is 1 to 10,000,000");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Demand(bool held, string setting, string rule)
        {
            if (!held)
                faults.Add($"{DoorOptions.Section}:{setting} {rule}.");
        }
    }
}
