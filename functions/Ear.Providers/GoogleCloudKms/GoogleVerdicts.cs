using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>One row of the table. What a row does not name may be anything.</summary>
/// <param name="Verdict">With a sentence for people. Google's own text is added except where the fault is ours.</param>
internal sealed record GoogleVerdictRow(string[] Codes, KmsRetry Retry, KeyVerdict Verdict)
{
    public GoogleStep? Step { get; init; }

    /// <summary>Only for Ear's own credential, or only for the customer's.</summary>
    public bool? OfEar { get; init; }

    public string[] Reasons { get; init; } = [];

    /// <summary>Any of these in Google's text.</summary>
    public string[] Words { get; init; } = [];

    public string[] States { get; init; } = [];

    public bool WrongPurpose { get; init; }

    /// <summary>The fault lies with this one key or behind it, and says nothing about Cloud KMS.</summary>
    public bool BehindTheKey { get; init; }

    public bool Covers(GoogleSignal signal) =>
        (Step is null || Step == signal.Step) &&
        (OfEar is null || OfEar == signal.OfEar) &&
        (Codes.Length == 0 || Codes.Contains(signal.Code, StringComparer.Ordinal)) &&
        (Reasons.Length == 0 || Reasons.Contains(signal.Reason, StringComparer.Ordinal)) &&
        (Words.Length == 0 || Words.Any(w => signal.Text.Contains(w, StringComparison.OrdinalIgnoreCase))) &&
        (States.Length == 0 || States.Contains(signal.State, StringComparer.Ordinal)) &&
        (!WrongPurpose || signal.WrongPurpose);
}

/// <summary>
/// Every answer of Google and what it says about a key: the Google table of spec kms §2, in order, the first row that covers a signal decides. Only an
/// answer of Google about the customer's key or account is an <see cref="KeyVerdict.Invalid"/>; what no row covers is <see cref="UnknownReason.ProviderFault"/>.
/// </summary>
internal static class GoogleVerdicts
{
    public static readonly IReadOnlyList<GoogleVerdictRow> Rows =
    [
        // Not Google: a proxy or a load balancer answers in HTTP, and Grpc.Net.Client makes a status of it, 403 PERMISSION_DENIED among them.
        new([], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Something other than Cloud KMS answered.")) { Step = GoogleStep.Kms, Words = ["Bad gRPC response"] },
        new([], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Cloud KMS's answer was too long.")) { Step = GoogleStep.Kms, Words = ["exceeds the maximum configured message size"] },

        // The credential, before anybody is asked.
        new([GoogleCredentialException.Missing], KmsRetry.No, Unknown(UnknownReason.OurFault, "The service-account key is not in Ear's store.")) { Step = GoogleStep.Credential },
        new([], KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear finds no usable Google credential of its own.")) { Step = GoogleStep.Credential, OfEar = true },
        new([], KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The service-account key cannot be used: give the JSON document that Google made for it, unchanged.")) { Step = GoogleStep.Credential },

        // The token endpoint.
        new([], KmsRetry.Again, Unknown(UnknownReason.Throttled, "Google's token endpoint is throttling requests.")) { Step = GoogleStep.Token, Words = ["rate limit", "Quota exceeded"] },
        new([GoogleSignals.TooMany, "slow_down", "rate_limit_exceeded"], KmsRetry.Again, Unknown(UnknownReason.Throttled, "Google's token endpoint is throttling requests.")) { Step = GoogleStep.Token },
        new(["internal_failure", "backend_error", "temporarily_unavailable", GoogleSignals.BadAnswer], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Google's token endpoint could not do it for reasons of its own.")) { Step = GoogleStep.Token },
        new(["invalid_grant"], KmsRetry.No, Unknown(UnknownReason.OurFault, "Google refused the times in Ear's request for a token, most likely because of Ear's clock. This says nothing about the key.")) { Step = GoogleStep.Token, Words = ["short-lived token"] },
        new([], KmsRetry.No, Unknown(UnknownReason.OurFault, "Google gives Ear's own account no token.")) { Step = GoogleStep.Token, OfEar = true },
        new(["invalid_scope", "invalid_request", "unsupported_grant_type"], KmsRetry.No, Unknown(UnknownReason.OurFault, "Google did not understand Ear's request for a token.")) { Step = GoogleStep.Token },
        new(["invalid_grant"], KmsRetry.No, Unknown(UnknownReason.OurFault, "Google did not understand Ear's request for a token.")) { Step = GoogleStep.Token, Words = ["audience check"] },
        new(["invalid_grant"], KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "Google does not take the service-account key: the key or its account is disabled or gone.")) { Step = GoogleStep.Token },
        new(["invalid_client", "unauthorized_client", "deleted_client", "disabled_client"], KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "Google does not know the service account.")) { Step = GoogleStep.Token },

        // Load.
        new(["RESOURCE_EXHAUSTED"], KmsRetry.Again, Unknown(UnknownReason.Throttled, "Google is throttling requests.")) { Step = GoogleStep.Kms },
        new([], KmsRetry.Again, Unknown(UnknownReason.Throttled, "Google is throttling requests.")) { Step = GoogleStep.Kms, Reasons = ["RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED"] },

        // The key manager behind an external key: the customer's own, and the road to it.
        new(["UNAVAILABLE", "FAILED_PRECONDITION", "DEADLINE_EXCEEDED", "INTERNAL"], KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "Google cannot reach the external key manager behind the key.")) { Step = GoogleStep.Kms, BehindTheKey = true, Words = ["external key manager", "EKM", "external key"] },

        // Trouble at Google, and what the way adds to an answer.
        new(["UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED", "UNKNOWN", "DATA_LOSS", "CANCELLED"], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Google could not do it for reasons of its own.")) { Step = GoogleStep.Kms },
        new([GoogleSignals.Checksum], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "What came over the wire does not fit its checksum, or is not what was asked for.")),
        new(["INVALID_ARGUMENT"], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "What came over the wire does not fit its checksum, or is not what was asked for.")) { Step = GoogleStep.Kms, Words = ["crc32c", "checksum"] },

        // The network in between, as Google sees it.
        new(["PERMISSION_DENIED"], KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "A VPC Service Controls perimeter keeps Ear away from the key; its administrator finds the reason by the identifier.")) { Step = GoogleStep.Kms, Reasons = ["SECURITY_POLICY_VIOLATED"] },
        new(["PERMISSION_DENIED"], KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "A VPC Service Controls perimeter keeps Ear away from the key; its administrator finds the reason by the identifier.")) { Step = GoogleStep.Kms, Words = ["vpcServiceControlsUniqueIdentifier", "prohibited by organization's policy"] },
        new(["PERMISSION_DENIED"], KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "An organization's restriction keeps Ear away from the key.")) { Step = GoogleStep.Kms, Reasons = ["ORG_RESTRICTION_VIOLATION", "ORG_RESTRICTION_HEADER_INVALID"] },

        // Who asks.
        new([], KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear's token was not made for Cloud KMS.")) { Step = GoogleStep.Kms, Reasons = ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "CREDENTIALS_MISSING", "OVERLOADED_CREDENTIALS"] },
        new(["UNAUTHENTICATED"], KmsRetry.Fresh, Unknown(UnknownReason.OurFault, "Google does not take the token of Ear's own account although it is new.")) { Step = GoogleStep.Kms, OfEar = true },
        new(["UNAUTHENTICATED"], KmsRetry.Fresh, Invalid(InvalidReason.CredentialsInvalid, "Google does not take the service account's token although it is new: the account is disabled or gone.")) { Step = GoogleStep.Kms },
        new([], KmsRetry.No, Unknown(UnknownReason.OurFault, "Google shuts out the project of Ear's own account.")) { Step = GoogleStep.Kms, OfEar = true, Reasons = ShutOut },
        new([], KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The project is shut out: the Cloud KMS API or its billing is off, or the project is suspended or deleted.")) { Step = GoogleStep.Kms, Reasons = ShutOut },
        // "(or it may not exist)": Google does not say which, so this is never "not found". A denied access justification comes here, too.
        new(["PERMISSION_DENIED"], KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The service account may not use the key; it needs roles/cloudkms.cryptoKeyEncrypterDecrypter on it.")) { Step = GoogleStep.Kms },

        // The key version's state. DESTROY_SCHEDULED can be restored until its destroy time, and is then DISABLED.
        new(["FAILED_PRECONDITION"], KmsRetry.No, Invalid(InvalidReason.KeyDisabled, "The key version is disabled.")) { Step = GoogleStep.Kms, States = ["DISABLED"] },
        new(["FAILED_PRECONDITION"], KmsRetry.No, Invalid(InvalidReason.KeyDeletedOrPendingDeletion, "The key version is scheduled for destruction; restore it before its destroy time.")) { Step = GoogleStep.Kms, States = ["DESTROY_SCHEDULED"] },
        new(["FAILED_PRECONDITION"], KmsRetry.No, Invalid(InvalidReason.KeyDeletedOrPendingDeletion, "The key version is destroyed.")) { Step = GoogleStep.Kms, States = ["DESTROYED", "PENDING_EXTERNAL_DESTRUCTION", "EXTERNAL_DESTRUCTION_FAILED"] },
        new(["FAILED_PRECONDITION"], KmsRetry.No, Invalid(InvalidReason.KeyExpiredOrNotYetValid, "The key version has no key material yet.")) { Step = GoogleStep.Kms, States = ["PENDING_GENERATION", "PENDING_IMPORT"] },
        new(["FAILED_PRECONDITION"], KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "The key version never got its key material.")) { Step = GoogleStep.Kms, States = ["GENERATION_FAILED", "IMPORT_FAILED"] },
        // Without a state, or with one that contradicts the refusal: a moment of disagreement within Google.
        new(["FAILED_PRECONDITION"], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Google refuses the key and tells no state of it.")) { Step = GoogleStep.Kms, BehindTheKey = true },

        new(["NOT_FOUND"], KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "There is no such key or key version.")) { Step = GoogleStep.Kms },
        new(["INVALID_ARGUMENT", "UNIMPLEMENTED"], KmsRetry.No, Invalid(InvalidReason.WrongKeyType, "The key is not for encryption: one of purpose ENCRYPT_DECRYPT is needed.")) { Step = GoogleStep.Kms, WrongPurpose = true },
        new(["INVALID_ARGUMENT", "OUT_OF_RANGE"], KmsRetry.No, Unknown(UnknownReason.OurFault, "What Ear stored or sent cannot be used with this key and context.")) { Step = GoogleStep.Kms },
    ];

    private static readonly GoogleVerdictRow NoAnswer = new([], KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "Google cannot be reached."));

    private static readonly GoogleVerdictRow Uncovered = new([], KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "Google gave an answer that Ear does not know."));

    private static string[] ShutOut =>
        ["SERVICE_DISABLED", "BILLING_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "USER_PROJECT_DENIED", "RESOURCE_PROJECT_INVALID", "GCP_SUSPENDED"];

    public static GoogleVerdictRow Of(GoogleSignal signal) => signal switch
    {
        { Step: not GoogleStep.Credential, IsAnswer: false } => NoAnswer,
        // A server's failure is never an authenticated no, whatever code it carries.
        { Step: GoogleStep.Token, Status: >= 500 } => Rows.FirstOrDefault(r => r.Verdict is KeyVerdict.Unknown { Reason: not UnknownReason.OurFault } && r.Covers(signal)) ?? Uncovered,
        _ => Rows.FirstOrDefault(r => r.Covers(signal)) ?? Uncovered,
    };

    private static KeyVerdict.Invalid Invalid(InvalidReason reason, string words) => new(reason, words);

    private static KeyVerdict.Unknown Unknown(UnknownReason reason, string words) => new(reason, words);
}
