using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Ear.Providers.Kms;
using Ear.Secrets;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>Tokens of the customers' applications and of Ear's own in the customers' tenants, kept until five minutes before they end.</summary>
internal sealed class EntraSessions(ISecrets secrets, EntraCredentials credentials, AzureHosts hosts, AzureHttp http, KmsCalls<AzureKeyVaultOptions> calls, IOptions<AzureKeyVaultOptions> options)
{
    /// <summary>Entra publishes no figure; a token lasts an hour, so this is enough for many thousand applications and not noticed by Entra.</summary>
    private const double TokensPerSecond = 50;

    private readonly KmsSessions<EntraName, EntraSession> sessions = calls.Sessions<EntraName, EntraSession>(early: TimeSpan.FromMinutes(5));

    public Task<EntraSession> GetAsync(EntraName name, KmsTry<AzureStep> attempt)
    {
        attempt.Step = name.Step;
        return sessions.GetAsync(name, attempt, OpenAsync);
    }

    private async Task<EntraSession> OpenAsync(EntraName name)
    {
        var credential = await CredentialAsync(name);
        var login = $"Entra at {hosts.Login(name.Environment).Authority}";
        return await calls.Gates.RunSharedAsync(
            new KmsEndpoint(login, login), TokensPerSecond,
            async stop => new EntraSession(await TokenAsync(credential, name, stop), name, Connect),
            e => AzureFailure.Judge(name.Step, e));
    }

    /// <summary>
    /// Without continuous access evaluation: a token that promises to follow claims would be challenged for them, also because of a network's address, and Ear
    /// has no way to follow.
    /// </summary>
    private static ValueTask<AccessToken> TokenAsync(TokenCredential credential, EntraName name, CancellationToken stop) =>
        credential.GetTokenAsync(new TokenRequestContext([name.Environment.Cloud().Scope], isCaeEnabled: false), stop);

    /// <summary>
    /// With all that is Ear's own in it, so that only Entra is asked from here on. Lives for one token: MSAL would otherwise give out again from its own memory what a vault has
    /// just refused.
    /// </summary>
    private async Task<TokenCredential> CredentialAsync(EntraName name) =>
        name.SecretName is null ? await credentials.OwnAsync(name) : credentials.Customers(name, await SecretAsync(name.SecretName));

    private async Task<string> SecretAsync(string secretName)
    {
        var bytes = await calls.Own.SecretAsync(secrets, secretName) ?? throw new AzureNotAskedException(AzureSignal.Codes.SecretMissing);
        try
        {
            return Encoding.UTF8.GetString(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private KeyClient Connect(Uri vault, VaultRoute route, TokenCredential token)
    {
        // 7.4 is the newest version that all of Azure's clouds know (spec kms §1.2); Ear needs nothing of a later one.
        var settings = new KeyClientOptions(KeyClientOptions.ServiceVersion.V7_4)
        {
            Transport = http.TransportBy(route),
            DisableChallengeResourceVerification = hosts.IsLocal(vault),
        };
        settings.Retry.MaxRetries = 0;
        settings.Retry.NetworkTimeout = options.Value.AttemptTimeout;
        settings.AddPolicy(VaultCallPolicy.Instance, HttpPipelinePosition.PerCall);
        return new KeyClient(vault, token, settings);
    }
}
