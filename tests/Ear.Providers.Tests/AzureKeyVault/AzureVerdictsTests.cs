using Ear.CustomerKeys;
using Ear.Providers.AzureKeyVault;
using Ear.Providers.Kms;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>The Azure table of spec kms §2, line by line, in Azure's own words.</summary>
public sealed class AzureVerdictsTests
{
    private const string Caller = "Caller: appid=11111111-2222-3333-4444-555555555555;oid=66666666-7777-8888-9999-000000000000\r\nVault: orders;location=westeurope";

    public static TheoryData<string, string, string, string, int, string> Answers => new()
    {
        // The key.
        { "Vault", "Forbidden", "KeyDisabled", "Operation unwrapKey is not allowed on a disabled key.", 403, "KeyDisabled" },
        { "Vault", "Forbidden", "", "Operation unwrapKey is not allowed on a disabled key.", 403, "KeyDisabled" },
        { "Vault", "Forbidden", "KeyNotYetValid", "Operation wrapKey is not allowed on a key that is not yet valid.", 403, "KeyNotYetValid" },
        { "Vault", "Forbidden", "KeyExpired", "Operation wrapKey is not allowed on an expired key.", 403, "KeyExpiredOrNotYetValid" },
        { "Vault", "Forbidden", "", "Operation wrapKey is not permitted on this key.", 403, "WrongKeyType" },
        { "Vault", "BadParameter", "", "Key and algorithm are incompatible. Algorithm 'RSA-OAEP-256' can only be used with a key of type 'RSA' or 'RSA-HSM'.", 400, "WrongKeyType" },
        { "Vault", "KeyNotFound", "", "A key with (name/id) orders was not found in this key vault. If you recently deleted this key you may be able to recover it", 404, "KeyNotFound" },
        { "Vault", "Conflict", "ObjectIsDeletedButRecoverable", "Key orders is currently in a deleted but recoverable state", 409, "KeyDeletedOrPendingDeletion" },
        { "Vault", "Conflict", "ObjectIsBeingDeleted", "Key orders is currently being deleted.", 409, "KeyDeletedOrPendingDeletion" },
        { "Vault", "Conflict", "ObjectIsBeingRecovered", "Key orders is currently being recovered.", 409, "ProviderFault" },
        // Permission.
        { "Vault", "Forbidden", "ForbiddenByPolicy", "The user, group or application does not have keys unwrapKey permission on key vault 'orders;location=westeurope'.", 403, "PermissionDenied" },
        { "Vault", "Forbidden", "AccessDenied", "The user does not have keys unwrapKey permission", 403, "PermissionDenied" },
        { "Vault", "Forbidden", "ForbiddenByRbac", $"Caller is not authorized to perform action on resource.\r\n{Caller}", 403, "PermissionDenied" },
        { "Vault", "Forbidden", "", "The user, group or application 'appid=x' does not have keys unwrapKey permission on key vault 'orders'", 403, "PermissionDenied" },
        { "Vault", "Forbidden", "", $"Caller is not authorized to perform action on resource.\r\n{Caller}", 403, "PermissionDenied" },
        { "Vault", "ForbiddenByRbac", "", "", 403, "PermissionDenied" },
        // The vault's network.
        { "Vault", "Forbidden", "ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.7", 403, "NetworkAccessDenied" },
        { "Vault", "Forbidden", "", "Client address is not authorized and caller is not a trusted service.", 403, "NetworkAccessDenied" },
        { "Vault", "Forbidden", "ForbiddenByConnection", "Public network access is disabled and request is not from a trusted service nor via an approved private link.", 403, "NetworkAccessDenied" },
        { "Vault", "Forbidden", "", "Public network access is disabled and request is not from a trusted service", 403, "NetworkAccessDenied" },
        { "Vault", "Forbidden", "", "Connection is not an approved private link and caller was ignored because bypass is set to 'None'", 403, "NetworkAccessDenied" },
        // The token.
        { "Vault", "Unauthorized", "", "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/x/, found https://sts.windows.net/y/.", 401, "CredentialsInvalid" },
        { "Vault", "Unauthorized", "", "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.", 401, "CredentialsInvalid" },
        { "Vault", "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token.", 401, "ProviderFault" },
        { "Vault", "Unauthorized", "insufficient_claims", "", 401, "ProviderFault" },
        { "Vault", "", "", "", 401, "ProviderFault" },
        // Entra about the customer's application.
        { "Entra", "invalid_client", "7000215", "", 401, "CredentialsInvalid" },
        { "Entra", "invalid_client", "7000222", "", 401, "CredentialsInvalid" },
        { "Entra", "invalid_client", "700027", "", 401, "CredentialsInvalid" },
        { "Entra", "invalid_client", "", "", 400, "CredentialsInvalid" },
        { "Entra", "unauthorized_client", "700016", "", 400, "CredentialsInvalid" },
        { "Entra", "unauthorized_client", "7000112", "", 400, "CredentialsInvalid" },
        { "Entra", "unauthorized_client", "", "", 400, "CredentialsInvalid" },
        { "Entra", "invalid_request", "90002", "", 400, "CredentialsInvalid" },
        { "Entra", "invalid_request", "900144", "", 400, "OurFault" },
        { "Entra", "invalid_grant", "53003", "", 400, "NetworkAccessDenied" },
        { "Entra", "invalid_client", "53003", "", 400, "NetworkAccessDenied" },
        // Entra about Ear's application in the customer's tenant: its secret is Ear's, its admission the customer's.
        { "EntraOwn", "invalid_client", "7000215", "", 401, "OurFault" },
        { "EntraOwn", "invalid_client", "700024", "", 401, "OurFault" },
        { "EntraOwn", "unauthorized_client", "700016", "", 400, "CredentialsInvalid" },
        { "EntraOwn", "unauthorized_client", "7000112", "", 400, "CredentialsInvalid" },
        { "EntraOwn", "invalid_request", "90002", "", 400, "CredentialsInvalid" },
        // Load and trouble.
        { "Vault", "Throttled", "VaultRequestTypeLimitReached", "Requests are being throttled.", 429, "Throttled" },
        { "Vault", "", "", "", 429, "Throttled" },
        { "Vault", "Throttled", "", "", 503, "Throttled" },
        { "Entra", "invalid_client", "7000215", "", 429, "Throttled" },
        { "Entra", "temporarily_unavailable", "", "", 400, "ProviderFault" },
        { "Entra", "invalid_client", "90033", "", 400, "ProviderFault" },
        { "Entra", "service_not_available", "", "", 503, "ProviderFault" },
        // A server that fails says nothing, whatever it says.
        { "Entra", "invalid_client", "7000215", "", 500, "ProviderFault" },
        { "Vault", "Forbidden", "KeyDisabled", "Operation unwrapKey is not allowed on a disabled key.", 503, "ProviderFault" },
        { "Vault", "InternalServerError", "", "", 500, "ProviderFault" },
        // Ours.
        { "Vault", "BadParameter", "", "The parameter is incorrect.", 400, "OurFault" },
        { "Vault", "BadParameter", "", "api-version must be specified", 400, "OurFault" },
        { "Entra", "invalid_scope", "70011", "", 400, "OurFault" },
        // Unheard of: also a page of a proxy in between.
        { "Vault", "Forbidden", "ForbiddenBySomethingNew", "what is this", 403, "ProviderFault" },
        { "Vault", "", "", "", 403, "ProviderFault" },
        { "Vault", "", "", "", 404, "ProviderFault" },
        { "Entra", "something_new", "1", "", 400, "ProviderFault" },
        { "Entra", "unknown_error", "", "", 403, "ProviderFault" },
    };

    public static TheoryData<string, string, string, string> Unanswered => new()
    {
        { "Vault", "NoAnswer", "", "NetworkUnreachable" },
        { "Entra", "NoAnswer", "", "NetworkUnreachable" },
        { "Vault", "NoSuchHost", "", "NetworkUnreachable" },
        { "Entra", "NoSuchHost", "", "NetworkUnreachable" },
        { "Vault", "BrokenAnswer", "", "ProviderFault" },
        { "Entra", "BrokenAnswer", "", "ProviderFault" },
        { "Own", "NotAsked", "HostNotAllowed", "OurFault" },
        { "Own", "NotAsked", "SecretMissing", "OurFault" },
        { "Own", "NotAsked", "NoOwnIdentity", "OurFault" },
        { "Own", "NotAsked", "OtherApplication", "OurFault" },
        { "Own", "NotAsked", "OtherContext", "OurFault" },
        { "Vault", "NotAsked", "ForeignChallenge", "ProviderFault" },
        { "Vault", "NotAsked", "OtherTenant", "CredentialsInvalid" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Each_answer_has_its_class(string step, string code, string inner, string text, int status, string expected) =>
        Assert.Equal(expected, Reason(AzureFailure.Of(Answer(step, code, inner, text, status)).Verdict));

    [Theory]
    [MemberData(nameof(Unanswered))]
    public void What_was_not_answered_has_its_class(string step, string fault, string code, string expected) =>
        Assert.Equal(expected, Reason(AzureFailure.Of(NoAnswer(step, fault, code)).Verdict));

    [Fact]
    public void Every_row_of_the_table_decides_some_signal()
    {
        var signals = Answers.Select(r => Answer(r.Data.Item1, r.Data.Item2, r.Data.Item3, r.Data.Item4, r.Data.Item5))
            .Concat(Unanswered.Select(r => NoAnswer(r.Data.Item1, r.Data.Item2, r.Data.Item3)));
        var deciding = signals.Select(AzureVerdicts.Of).ToHashSet(ReferenceEqualityComparer.Instance);

        Assert.Empty(AzureVerdicts.Rows.Where(r => !deciding.Contains(r)).Select(r => r.Verdict.ToString()));
    }

    [Fact]
    public void Only_the_services_own_code_makes_a_key_invalid() =>
        Assert.All(AzureVerdicts.Rows.Where(r => r.Verdict is KeyVerdict.Invalid), r => Assert.True(r.Codes.Length + r.Inner.Length > 0, r.Verdict.ToString()));

    [Fact]
    public void A_vault_whose_name_is_gone_may_have_been_deleted_and_the_words_say_so() =>
        Assert.Contains("may have been deleted", AzureFailure.Of(NoAnswer("Vault", "NoSuchHost", "")).Verdict.ToString());

    [Fact]
    public void What_may_quote_our_request_is_not_told()
    {
        var verdict = AzureFailure.Of(Answer("Vault", "BadParameter", "", "Property value has invalid value: QUOTED", 400)).Verdict;

        Assert.DoesNotContain("QUOTED", verdict.ToString());
        Assert.Contains("BadParameter", verdict.ToString());
    }

    [Fact]
    public void A_new_token_is_tried_once_only_where_the_vault_did_not_take_the_old_one()
    {
        Assert.Equal(KmsRetry.Fresh, AzureFailure.Of(Answer("Vault", "Unauthorized", "", "AKV10022: Invalid audience.", 401)).Retry);
        Assert.All(AzureVerdicts.Rows.Where(r => r.Retry == KmsRetry.Fresh), r => Assert.True(r is { Steps: [AzureStep.Vault], Status: 401 }, r.ToString()));
        Assert.Equal(2, AzureVerdicts.Rows.Count(r => r.Retry == KmsRetry.Fresh));
    }

    private static AzureSignal Answer(string step, string code, string inner, string text, int status) =>
        new(Enum.Parse<AzureStep>(step), AzureFault.Answer, code, inner, text, status);

    private static AzureSignal NoAnswer(string step, string fault, string code) => new(Enum.Parse<AzureStep>(step), Enum.Parse<AzureFault>(fault), code);

    private static string Reason(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Invalid invalid => invalid.Reason.ToString(),
        KeyVerdict.Unknown unknown => unknown.Reason.ToString(),
        _ => "",
    };
}
