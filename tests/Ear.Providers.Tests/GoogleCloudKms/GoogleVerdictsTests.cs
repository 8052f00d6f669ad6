using Ear.CustomerKeys;
using Ear.Providers.GoogleCloudKms;
using Ear.Providers.Kms;
using Grpc.Core;

namespace Ear.Providers.Tests.GoogleCloudKms;

/// <summary>The Google table of spec kms §2, line by line, in Google's own words.</summary>
public sealed class GoogleVerdictsTests
{
    private const string Key = "projects/p-1/locations/global/keyRings/r/cryptoKeys/k";
    private const string NotEnabled = Key + "/cryptoKeyVersions/1 is not enabled, current state is: ";

    /// <summary>Step (with <c>*</c> for Ear's own account), code, text, ErrorInfo reason, class.</summary>
    public static TheoryData<string, string, string, string, string> Table => new()
    {
        // The key version's state.
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "DISABLED.", "", "KeyDisabled" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "DESTROY_SCHEDULED.", "", "KeyDeletedOrPendingDeletion" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "DESTROYED.", "", "KeyDeletedOrPendingDeletion" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "PENDING_EXTERNAL_DESTRUCTION.", "", "KeyDeletedOrPendingDeletion" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "EXTERNAL_DESTRUCTION_FAILED.", "", "KeyDeletedOrPendingDeletion" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "PENDING_GENERATION.", "", "KeyExpiredOrNotYetValid" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "PENDING_IMPORT.", "", "KeyExpiredOrNotYetValid" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "GENERATION_FAILED.", "", "KeyNotFound" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "IMPORT_FAILED.", "", "KeyNotFound" },
        { "Kms", "FAILED_PRECONDITION", "The request cannot be executed in the current system state.", "", "ProviderFault" },
        { "Kms", "FAILED_PRECONDITION", NotEnabled + "ENABLED.", "", "ProviderFault" },
        { "Kms", "NOT_FOUND", "CryptoKey " + Key + " not found.", "", "KeyNotFound" },
        // An external key manager is the customer's own.
        { "Kms", "UNAVAILABLE", "The external key manager did not respond in time.", "", "NetworkUnreachable" },
        { "Kms", "FAILED_PRECONDITION", "EKM connection failed: TLS handshake.", "", "NetworkUnreachable" },
        // Permission.
        { "Kms", "PERMISSION_DENIED", $"Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied on resource '{Key}' (or it may not exist).", "IAM_PERMISSION_DENIED", "PermissionDenied" },
        { "Kms*", "PERMISSION_DENIED", $"Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied on resource '{Key}' (or it may not exist).", "IAM_PERMISSION_DENIED", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "Denied by the key's Key Access Justifications policy.", "", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "Cloud Key Management Service (KMS) API has not been used in project 1 before or it is disabled.", "SERVICE_DISABLED", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "This API method requires billing to be enabled.", "BILLING_DISABLED", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "Project 'p-1' not found or deleted.", "CONSUMER_INVALID", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "Consumer 'projects/1' has been suspended.", "CONSUMER_SUSPENDED", "PermissionDenied" },
        { "Kms", "PERMISSION_DENIED", "Caller does not have required permission to use project p-1.", "USER_PROJECT_DENIED", "PermissionDenied" },
        { "Kms*", "PERMISSION_DENIED", "Cloud Key Management Service (KMS) API has not been used in project 2 before or it is disabled.", "SERVICE_DISABLED", "OurFault" },
        // Perimeters.
        { "Kms", "PERMISSION_DENIED", "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x-1", "SECURITY_POLICY_VIOLATED", "NetworkAccessDenied" },
        { "Kms", "PERMISSION_DENIED", "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x-1", "", "NetworkAccessDenied" },
        { "Kms", "PERMISSION_DENIED", "", "ORG_RESTRICTION_VIOLATION", "NetworkAccessDenied" },
        // Who asks.
        { "Kms", "UNAUTHENTICATED", "Request had invalid authentication credentials.", "ACCOUNT_STATE_INVALID", "CredentialsInvalid" },
        { "Kms*", "UNAUTHENTICATED", "Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED", "OurFault" },
        { "Kms", "UNAUTHENTICATED", "Request is missing required authentication credential.", "CREDENTIALS_MISSING", "OurFault" },
        { "Kms", "PERMISSION_DENIED", "Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "OurFault" },
        // Our own data.
        { "Kms", "INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.", "", "OurFault" },
        { "Kms", "INVALID_ARGUMENT", "The checksum in field ciphertext_crc32c did not match the data in field ciphertext.", "", "ProviderFault" },
        { "Kms", "checksum", "the plaintext's", "", "ProviderFault" },
        // The token endpoint.
        { "Token", "invalid_grant", "Invalid JWT Signature.", "", "CredentialsInvalid" },
        { "Token", "invalid_grant", "Invalid grant: account not found", "", "CredentialsInvalid" },
        { "Token", "invalid_client", "The OAuth client was not found.", "", "CredentialsInvalid" },
        { "Token", "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.", "", "CredentialsInvalid" },
        { "Token", "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.", "", "OurFault" },
        { "Token", "invalid_grant", "Invalid JWT: Failed audience check.", "", "OurFault" },
        { "Token", "invalid_scope", "Invalid OAuth scope or ID token audience provided.", "", "OurFault" },
        { "Token*", "invalid_grant", "Invalid JWT Signature.", "", "OurFault" },
        { "Token", "slow_down", "", "", "Throttled" },
        { "Token*", "too_many_requests", "", "", "Throttled" },
        { "Token", "access_denied", "Quota exceeded for this request.", "", "Throttled" },
        { "Token", "internal_failure", "", "", "ProviderFault" },
        { "Token", "bad_answer", "", "", "ProviderFault" },
        { "Token", "something_new", "what is this", "", "ProviderFault" },
        // The credential itself.
        { "Credential", "unusable_key", "it is not JSON", "", "CredentialsInvalid" },
        { "Credential", "missing_secret", "", "", "OurFault" },
        { "Credential*", "unusable_key", "", "", "OurFault" },
        // Load and trouble at Google.
        { "Kms", "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Cryptographic requests'", "RATE_LIMIT_EXCEEDED", "Throttled" },
        { "Kms", "PERMISSION_DENIED", "Quota exceeded", "RATE_LIMIT_EXCEEDED", "Throttled" },
        { "Kms", "UNAVAILABLE", "The service is currently unavailable.", "", "ProviderFault" },
        { "Kms", "INTERNAL", "Internal error encountered.", "", "ProviderFault" },
        { "Kms", "DEADLINE_EXCEEDED", "", "", "ProviderFault" },
        { "Kms", "ABORTED", "", "", "ProviderFault" },
        { "Kms", "UNKNOWN", "", "", "ProviderFault" },
        // Whoever answers in between says nothing about a key.
        { "Kms", "PERMISSION_DENIED", "Bad gRPC response. HTTP status code: 403", "", "ProviderFault" },
        { "Kms", "UNAUTHENTICATED", "Bad gRPC response. HTTP status code: 401", "", "ProviderFault" },
        { "Kms", "RESOURCE_EXHAUSTED", "Received message exceeds the maximum configured message size.", "", "ProviderFault" },
        // Unheard of.
        { "Kms", "ALREADY_EXISTS", "what is this", "", "ProviderFault" },
        // Nothing was answered at all.
        { "Kms", "", "", "", "NetworkUnreachable" },
        { "Token", "", "no answer in time", "", "NetworkUnreachable" },
        { "Token*", "", "", "", "NetworkUnreachable" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_signal_has_its_class(string step, string code, string text, string reason, string expected) =>
        Assert.Equal(expected, Class(GoogleFailure.Of(Signal(step, code, text, reason)).Verdict));

    [Fact]
    public void Every_row_of_the_table_decides_some_signal()
    {
        var deciding = Table.Select(r => GoogleVerdicts.Of(Signal(r.Data.Item1, r.Data.Item2, r.Data.Item3, r.Data.Item4))).ToHashSet();

        // Decided by what is looked up afterwards: a test of its own below.
        Assert.True(Assert.Single(GoogleVerdicts.Rows, r => !deciding.Contains(r)).WrongPurpose);
    }

    [Fact]
    public void A_state_that_was_looked_up_counts_as_one_that_was_told()
    {
        var refused = GoogleFailure.Of(Signal("Kms", "FAILED_PRECONDITION", "The request cannot be executed in the current system state.", ""));

        Assert.True(refused.LacksState);
        Assert.Equal("KeyDisabled", Class(GoogleFailure.Of(refused.Signal with { State = "DISABLED" }).Verdict));
        Assert.False(GoogleFailure.Of(Signal("Kms", "FAILED_PRECONDITION", "EKM connection failed", "")).LacksState);
    }

    [Fact]
    public void A_bad_request_is_the_keys_fault_only_if_the_key_is_for_something_else()
    {
        var refused = GoogleFailure.Of(Signal("Kms", "INVALID_ARGUMENT", "The key cannot be used for this operation.", ""));

        Assert.True(refused.MayBeWrongPurpose);
        Assert.Equal("WrongKeyType", Class(GoogleFailure.Of(refused.Signal with { WrongPurpose = true }).Verdict));
    }

    [Theory]
    [InlineData("invalid_grant", "Invalid JWT Signature.")]
    [InlineData("invalid_client", "")]
    [InlineData("unauthorized_client", "")]
    public void A_token_endpoint_that_fails_says_nothing_whatever_it_says(string code, string text) =>
        Assert.Equal("ProviderFault", Class(GoogleFailure.Of(new GoogleSignal(GoogleStep.Token, code, text, 503)).Verdict));

    [Fact]
    public void Only_an_answer_of_google_about_key_or_account_makes_a_key_invalid() =>
        Assert.All(
            GoogleVerdicts.Rows.Where(r => r.Verdict is KeyVerdict.Invalid && r.Step is not GoogleStep.Credential),
            r => Assert.True(r.Codes.Length > 0 || r.Reasons.Length > 0));

    [Fact]
    public void An_external_key_managers_outage_is_not_googles() =>
        Assert.False(GoogleFailure.Of(Signal("Kms", "UNAVAILABLE", "external key manager", "")).IsOfService);

    [Fact]
    public void What_may_quote_our_request_is_not_told() =>
        Assert.DoesNotContain("SECRET", GoogleFailure.Of(Signal("Token", "invalid_scope", "assertion=SECRET", "")).Verdict.ToString());

    [Fact]
    public void A_perimeters_identifier_is_told() =>
        Assert.Contains("x-1", GoogleFailure.Of(Signal("Kms", "PERMISSION_DENIED", "vpcServiceControlsUniqueIdentifier: x-1", "SECURITY_POLICY_VIOLATED")).Verdict.ToString());

    private static GoogleSignal Signal(string step, string code, string text, string reason) => new(
        Enum.Parse<GoogleStep>(step.TrimEnd('*')), code, text, code.Length == 0 ? 0 : step.StartsWith("Token", StringComparison.Ordinal) ? 400 : (int)StatusCode.Unknown)
    {
        Reason = reason,
        OfEar = step.EndsWith('*'),
    };

    private static string Class(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Invalid invalid => invalid.Reason.ToString(),
        KeyVerdict.Unknown unknown => unknown.Reason.ToString(),
        _ => "Valid",
    };
}
