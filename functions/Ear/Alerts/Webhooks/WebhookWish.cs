using Ear.CustomerKeys;

namespace Ear.Alerts.Webhooks;

/// <summary>A webhook as somebody wants it configured.</summary>
/// <param name="Url">Whole, or as it was shown: then the one that is kept is meant.</param>
/// <param name="Key">Null: no signature. As it was shown (<see cref="WebhookAddress.Hidden"/>): the one that is kept.</param>
/// <param name="NotifierId">The notification that it was, where the client says.</param>
public sealed record WebhookWish(SecretText Url, SecretText? Key, string? NotifierId);
