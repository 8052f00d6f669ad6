using System.Text.Json;

namespace Ear.Alerts.Webhooks;

/// <summary>Where a webhook is and what its messages are signed with. The address is often all that protects a webhook, so both are secrets: printed by nothing.</summary>
/// <param name="Key">Of the signature; null: messages are not signed.</param>
public sealed record WebhookAddress(string Url, string? Key)
{
    /// <summary>What stands in an answer for a key, and for what is hidden of an address.</summary>
    public const string Hidden = "****";

    /// <summary>What may be seen of it: scheme and host, as Atlas shows it.</summary>
    public string Shown => new Uri(Url).GetLeftPart(UriPartial.Authority) + "/" + Hidden;

    public static bool IsShownForm(string url) => url.EndsWith("/" + Hidden, StringComparison.Ordinal);

    public byte[] ToBox() => JsonSerializer.SerializeToUtf8Bytes(this, EarJson.Options);

    public static WebhookAddress FromBox(ReadOnlySpan<byte> box)
        => JsonSerializer.Deserialize<WebhookAddress>(box, EarJson.Options) ?? throw new JsonException("The address of a webhook is kept as nothing.");

    public override string ToString() => "(secret)";
}

/// <summary>A webhook as its alert configuration names it. Holds no secret.</summary>
/// <param name="Shown">See <see cref="WebhookAddress.Shown"/>.</param>
/// <param name="SecretName">Of the box in <see cref="Secrets.ISecrets"/> that holds its <see cref="WebhookAddress"/>.</param>
public sealed record WebhookTarget(string Shown, string SecretName, bool IsSigned);
