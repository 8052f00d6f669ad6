using System.Collections.Immutable;
using System.Security.Cryptography;
using Ear.Outcomes;
using Ear.Secrets;

namespace Ear.Alerts.Webhooks;

/// <summary>
/// The addresses of webhooks, in <see cref="ISecrets"/>: one box for each, with its key. A new address gets a box of its own before the configuration is
/// saved, so that the one in force stays until then; a box that no configuration names any more is deleted after it.
/// </summary>
public sealed class WebhookAddresses(ISecrets secrets, IIds ids)
{
    /// <summary>Null: its box is gone.</summary>
    public async Task<WebhookAddress?> FindAsync(string secretName, CancellationToken cancellation)
    {
        if (await secrets.FindAsync(secretName, cancellation) is not { } box)
            return null;
        try
        {
            return WebhookAddress.FromBox(box);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(box);
        }
    }

    /// <summary>Keeps what a draft brings, until <see cref="ForgetUnusedAsync"/>. Where something is refused, nothing is kept.</summary>
    /// <param name="before">What the draft replaces; null: it is new. A repeat of what is new writes the same boxes again.</param>
    /// <returns>The configuration as it may be saved.</returns>
    public async Task<Outcome<AlertConfig>> KeepAsync(AlertConfig config, AlertConfigDraft draft, AlertConfig? before, CancellationToken cancellation)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var told = config.Notifications.ToBuilder();
        var boxes = new List<(string Name, WebhookAddress Address)>();
        foreach (var (place, wish) in draft.Webhooks.OrderBy(w => w.Key))
        {
            var old = OldOf(wish, place, before, used);
            var known = old is null ? null : await FindAsync(old.Webhook!.SecretName, cancellation);
            if (!AddressOf(wish, known, place).IsOk(out var wanted, out var problem))
                return problem;
            if (old is not null && wanted == known)
            {
                told[place] = told[place] with { NotifierId = old.NotifierId, Webhook = old.Webhook };
                continue;
            }
            var name = BoxName(config, place, isNew: before is null);
            boxes.Add((name, wanted));
            told[place] = told[place] with
            {
                // Another key makes no other receiver: who was told stays told.
                NotifierId = old is not null && known?.Url == wanted.Url ? old.NotifierId : AlertNotification.IdOf(config.Id, Addressee.Webhook, name, place),
                Webhook = new WebhookTarget(wanted.Shown, name, wanted.Key is not null),
            };
        }
        foreach (var (name, address) in boxes)
            await PutAsync(name, address, cancellation);
        return config with { Notifications = told.ToImmutable() };
    }

    /// <summary>
    /// Forgets the boxes of <paramref name="over"/> that <paramref name="inForce"/> does not name. Only for configurations that were read or saved for certain:
    /// where a save ended without an answer nothing is forgotten. A box that nothing names stays encrypted and is opened by nobody; a configuration
    /// without its box would tell nobody any more.
    /// </summary>
    public async Task ForgetUnusedAsync(AlertConfig? over, AlertConfig? inForce)
    {
        foreach (var name in BoxesOf(over).Except(BoxesOf(inForce), StringComparer.Ordinal))
            await secrets.DeleteAsync(name, CancellationToken.None);
    }

    private static IEnumerable<string> BoxesOf(AlertConfig? config) => config is null ? [] : config.Notifications.Select(n => n.Webhook?.SecretName).OfType<string>();

    /// <summary>The notification that a wish is about: the one that it names, or the one at its place. For an address as it was shown, only one that is shown so.</summary>
    private static AlertNotification? OldOf(WebhookWish wish, int place, AlertConfig? before, HashSet<string> used)
    {
        if (before is null)
            return null;
        var shown = WebhookAddress.IsShownForm(wish.Url.Reveal());
        var candidates = before.Notifications.Select((notification, at) => (Notification: notification, At: at))
            .Where(c => c.Notification.Webhook is { } webhook && !used.Contains(webhook.SecretName) && (!shown || webhook.Shown == wish.Url.Reveal())).ToList();
        var found = candidates.Find(c => c.Notification.NotifierId == wish.NotifierId).Notification ?? candidates.Find(c => c.At == place).Notification
            ?? (shown && candidates.Count == 1 ? candidates[0].Notification : null);
        if (found is not null)
            used.Add(found.Webhook!.SecretName);
        return found;
    }

    private static Outcome<WebhookAddress> AddressOf(WebhookWish wish, WebhookAddress? known, int place)
    {
        var url = WebhookAddress.IsShownForm(wish.Url.Reveal()) ? known?.Url : wish.Url.Reveal();
        if (url is null)
            return new Problem.InvalidField($"notifications[{place}].webhookUrl", "Ends as Ear shows what it hides, and no webhook is kept that is shown so: send the whole address.");
        var key = wish.Key?.Reveal() is WebhookAddress.Hidden ? known?.Key : wish.Key?.Reveal();
        if (key is null && wish.Key is not null)
            return new Problem.InvalidField($"notifications[{place}].webhookSecret", "Is what Ear shows in place of a secret, and none is kept for this webhook: send the secret itself.");
        return new WebhookAddress(url, key);
    }

    private string BoxName(AlertConfig config, int place, bool isNew)
        => $"alert-webhooks/{config.ProjectId}/{(isNew ? CausedEvents.HexOf("webhook", config.Id.Value, $"{place}") : ids.NewHex())}";

    private async Task PutAsync(string name, WebhookAddress address, CancellationToken cancellation)
    {
        var box = address.ToBox();
        try
        {
            await secrets.PutAsync(name, box, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(box);
        }
    }
}
