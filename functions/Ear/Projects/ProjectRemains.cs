using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys;
using Ear.Secrets;

namespace Ear.Projects;

/// <summary>What a project leaves behind when its own document is gone. Its events are not of it: they stay.</summary>
public sealed class ProjectRemains(ICredentials credentials, ISecrets secrets, IAlerts alerts, IAlertConfigs configs, WebhookAddresses webhooks)
{
    /// <summary>
    /// If we die before or in it: roles in a project that is none, alerts and encrypted credentials that nothing names. All of it is nothing,
    /// and no door leads to it; an open alert is forgotten by the next round of mails (<see cref="AlertMail"/>).
    /// </summary>
    public async Task ForgetAsync(Project project)
    {
        await credentials.ForgetAsync(project.Id, CancellationToken.None);
        await alerts.ForgetAsync(project.Id, CancellationToken.None);
        // They name what they keep elsewhere, so that goes first.
        foreach (var config in await configs.ListAsync(project.Id, CancellationToken.None))
            await webhooks.ForgetUnusedAsync(config.Document, inForce: null);
        await configs.ForgetAsync(project.Id, CancellationToken.None);
        foreach (var secret in Enum.GetValues<KeyProvider>().Select(p => project.EncryptionAtRest.SettingsOf(p)?.UsedSecret).OfType<string>())
            await secrets.DeleteAsync(secret, CancellationToken.None);
    }
}
