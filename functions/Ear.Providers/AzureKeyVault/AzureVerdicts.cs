using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AzureKeyVault;

/// <summary>
/// Every answer of Entra and Key Vault and what it says about a key: the Azure table of spec kms §2, in order, the first row that covers a signal decides.
/// Only an answer of theirs about the customer's key, application or tenant is an <see cref="KeyVerdict.Invalid"/>; what no row covers is
/// <see cref="UnknownReason.ProviderFault"/>. Entra's numbers only refine its <c>error</c>: Microsoft asks not to depend on them.
/// </summary>
internal static class AzureVerdicts
{
    private static readonly AzureStep[] Vault = [AzureStep.Vault];
    private static readonly AzureStep[] Own = [AzureStep.EntraOwn];
    private static readonly AzureStep[] Customers = [AzureStep.Entra];
    private static readonly AzureStep[] Entra = [AzureStep.Entra, AzureStep.EntraOwn];

    public static readonly IReadOnlyList<AzureVerdictRow> Rows =
    [
        // Nothing was answered.
        new(KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "Azure cannot be reached.")) { Fault = AzureFault.NoAnswer },
        // A deleted vault, also one that can still be recovered, loses its name: what looks like a network failure may be a deleted key store.
        new(KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "The vault's name is not known: the vault may have been deleted, or the name service cannot be reached."))
            { Fault = AzureFault.NoSuchHost, Steps = Vault },
        new(KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "The name of Azure's login service is not known here.")) { Fault = AzureFault.NoSuchHost },
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Azure's answer was broken, incomplete or too large.")) { Fault = AzureFault.BrokenAnswer },

        // Nobody was asked.
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "The key's address is not one of this Azure environment, so Ear does not call it."))
            { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.HostNotAllowed] },
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear does not find the client secret that it stored.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.SecretMissing] },
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear has no identity of its own in Azure.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.NoOwnIdentity] },
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear is not the application that this key was configured for.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.OtherApplication] },
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "What Ear stored belongs to another context.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.OtherContext] },
        new(KmsRetry.No, Unknown(UnknownReason.ProviderFault, "The vault asks for a token that is not meant for it.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.ForeignChallenge] },
        // The vault's own challenge names its tenant: no token of the configured tenant will ever open it.
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The vault belongs to another tenant than the configured one.")) { Fault = AzureFault.NotAsked, Codes = [AzureSignal.Codes.OtherTenant] },

        // Load and trouble at Azure, whatever else the text says.
        new(KmsRetry.Again, Unknown(UnknownReason.Throttled, "Azure is throttling requests.")) { Status = 429 },
        new(KmsRetry.Again, Unknown(UnknownReason.Throttled, "Azure is throttling requests.")) { Codes = ["Throttled", "TooManyRequests", "VaultRequestTypeLimitReached"] },
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Entra could not do it for reasons of its own.")) { Steps = Entra, Codes = ["temporarily_unavailable", "server_error", "service_not_available"] },
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Entra could not do it for reasons of its own.")) { Steps = Entra, Inner = ["90033"] },

        // The network in between, as Azure sees it.
        new(KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "The vault's network settings keep Ear out.")) { Steps = Vault, Status = 403, Inner = ["ForbiddenByFirewall", "ForbiddenByConnection"] },
        new(KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "The vault's firewall keeps Ear out.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "Client address is not authorized" },
        new(KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "The vault takes private connections only.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "Public network access is disabled" },
        new(KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "The vault takes approved private connections only.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "not an approved private link" },
        // Conditional access looks at the caller's address.
        new(KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "A conditional access policy of the tenant keeps Ear out, most likely because of its address.")) { Steps = Entra, Inner = ["53003"] },

        // The application and its tenant. With Ear's own application, a secret that is wrong is Ear's; an application that is gone or barred is the customer's.
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "Entra does not accept the credential of Ear's own application.")) { Steps = Own, Codes = ["invalid_client"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The client secret is wrong.")) { Steps = Customers, Codes = ["invalid_client"], Inner = ["7000215"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The client secret has expired.")) { Steps = Customers, Codes = ["invalid_client"], Inner = ["7000222"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "Entra does not accept the application's credential.")) { Steps = Customers, Codes = ["invalid_client"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The application is not in this tenant.")) { Steps = Entra, Codes = ["unauthorized_client"], Inner = ["700016"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The application is disabled.")) { Steps = Entra, Codes = ["unauthorized_client"], Inner = ["7000112"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The application may not get a token in this tenant.")) { Steps = Entra, Codes = ["unauthorized_client"] },
        new(KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "There is no such tenant.")) { Steps = Entra, Codes = ["invalid_request", "invalid_tenant"], Inner = ["90002", "900021", "900023"] },
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "Entra did not understand Ear's request.")) { Steps = Entra, Codes = ["invalid_request", "invalid_scope", "unsupported_grant_type"] },

        // A challenge that Ear could not follow: no token was sent, so none was refused.
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "The vault asks for a token and does not say for which.")) { Steps = Vault, Status = 401, Words = "AKV10000" },
        // It wants to know more than this token says, which may be about the network: the application was not refused.
        new(KmsRetry.Fresh, Unknown(UnknownReason.ProviderFault, "The vault asks for claims that a token of Ear's does not carry.")) { Steps = Vault, Status = 401, Inner = ["insufficient_claims"] },
        new(KmsRetry.Fresh, Invalid(InvalidReason.CredentialsInvalid, "The vault does not accept a token of the configured tenant and application.")) { Steps = Vault, Status = 401, Codes = ["Unauthorized"] },

        // The key.
        new(KmsRetry.No, Invalid(InvalidReason.KeyDisabled, "The key is disabled.")) { Steps = Vault, Status = 403, Inner = ["KeyDisabled"] },
        new(KmsRetry.No, Invalid(InvalidReason.KeyDisabled, "The key is disabled.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "not allowed on a disabled key" },
        new(KmsRetry.No, Invalid(InvalidReason.KeyNotYetValid, "The key is not active yet.")) { Steps = Vault, Status = 403, Inner = ["KeyNotYetValid"] },
        new(KmsRetry.No, Invalid(InvalidReason.KeyExpiredOrNotYetValid, "The key has expired.")) { Steps = Vault, Status = 403, Inner = ["KeyExpired"] },
        new(KmsRetry.No, Invalid(InvalidReason.WrongKeyType, "The key's permitted operations lack wrapKey or unwrapKey.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "is not permitted on this key" },
        new(KmsRetry.No, Invalid(InvalidReason.WrongKeyType, "The key is not an RSA key.")) { Steps = Vault, Status = 400, Codes = ["BadParameter"], Words = "can only be used with a key of type" },
        new(KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The application may not use the key: it needs the permissions get, wrapKey and unwrapKey on it."))
            { Steps = Vault, Status = 403, Inner = ["ForbiddenByPolicy", "ForbiddenByRbac", "AccessDenied"] },
        new(KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The application lacks a key permission in the vault's access policy.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "does not have keys" },
        new(KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The application lacks a role on the key.")) { Steps = Vault, Status = 403, Codes = ["Forbidden"], Words = "not authorized to perform action" },
        new(KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "There is no such key, or no such version of it, in this vault.")) { Steps = Vault, Status = 404, Codes = ["KeyNotFound"] },
        new(KmsRetry.No, Invalid(InvalidReason.KeyDeletedOrPendingDeletion, "The key is deleted.")) { Steps = Vault, Status = 409, Inner = ["ObjectIsBeingDeleted", "ObjectIsDeletedButRecoverable"] },
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "The key is being recovered.")) { Steps = Vault, Status = 409, Inner = ["ObjectIsBeingRecovered"] },

        // A ciphertext that is not this key's; an API version or a body that the vault does not take.
        new(KmsRetry.No, Unknown(UnknownReason.OurFault, "The vault did not understand Ear's request, or what Ear stored cannot be opened with this key.")) { Steps = Vault, Status = 400 },
    ];

    private static readonly AzureVerdictRow Uncovered =
        new(KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Azure gave an answer that Ear does not know."));

    public static AzureVerdictRow Of(AzureSignal signal) => signal switch
    {
        // A server's failure is never an authenticated no, whatever code it carries.
        { Status: >= 500 } => Rows.FirstOrDefault(r => r.Verdict is KeyVerdict.Unknown { Reason: UnknownReason.Throttled } && r.Covers(signal)) ?? Uncovered,
        _ => Rows.FirstOrDefault(r => r.Covers(signal)) ?? Uncovered,
    };

    /// <summary>
    /// The same answer in the light of what the key says of itself: the canary decided that it does not open, this tells why. A no never becomes a yes.
    /// </summary>
    /// <returns>null where the key's own description adds nothing.</returns>
    public static KeyVerdict? Explained(AzureSignal signal, KeyVerdict verdict, AzureDescription described, DateTimeOffset now) => (verdict, described) switch
    {
        (KeyVerdict.Invalid { Reason: InvalidReason.KeyNotFound }, { Deleted: true }) =>
            Invalid(InvalidReason.KeyDeletedOrPendingDeletion, described.PurgeDate is { } date
                ? $"The key is deleted. It can be recovered until {date.UtcDateTime:yyyy-MM-dd HH:mm} UTC."
                : "The key is deleted."),
        (KeyVerdict.Invalid { Reason: InvalidReason.KeyNotFound }, { OtherVersionExists: true }) =>
            Invalid(InvalidReason.KeyNotFound, "The key exists, this version of it does not: what it wrapped can no longer be opened."),
        // The inner codes for these are not all known (spec kms §2): a 403 that no row covers is explained by the key's attributes.
        (KeyVerdict.Unknown { Reason: UnknownReason.ProviderFault }, { Enabled: false }) when IsVaultsForbidden(signal) =>
            Invalid(InvalidReason.KeyDisabled, "The key is disabled."),
        (KeyVerdict.Unknown { Reason: UnknownReason.ProviderFault }, { Enabled: true }) when IsVaultsForbidden(signal) && !described.IsWithin(now) =>
            described.NotBefore > now
                ? Invalid(InvalidReason.KeyNotYetValid, "The key is not active yet.")
                : Invalid(InvalidReason.KeyExpiredOrNotYetValid, "The key has expired."),
        (KeyVerdict.Unknown { Reason: UnknownReason.OurFault }, { IsRsa: false }) when signal is { Fault: AzureFault.Answer, Step: AzureStep.Vault, Status: 400 } =>
            Invalid(InvalidReason.WrongKeyType, "The key is not an RSA key."),
        _ => null,
    };

    /// <summary>In the vault's own words, not a page of whatever stands between.</summary>
    private static bool IsVaultsForbidden(AzureSignal signal) => signal is { Fault: AzureFault.Answer, Step: AzureStep.Vault, Status: 403, Code: "Forbidden" };

    private static KeyVerdict.Invalid Invalid(InvalidReason reason, string words) => new(reason, words);

    private static KeyVerdict.Unknown Unknown(UnknownReason reason, string words) => new(reason, words);
}
