using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AwsKms;

/// <param name="Step">Whom it came from; null: anybody.</param>
/// <param name="Codes">AWS error codes; empty: any.</param>
/// <param name="Words">Part of AWS's text; null: any.</param>
/// <param name="Verdict">With a sentence for people. AWS's own text is added except where the fault is ours: that text may quote our request.</param>
internal sealed record AwsVerdictRow(AwsStep? Step, string[] Codes, string? Words, KmsRetry Retry, KeyVerdict Verdict)
{
    /// <summary>A trouble behind one customer's key, not of the service.</summary>
    public bool OfOneKey { get; init; }

    /// <summary>AWS's text may quote the request that we signed, session token and all: it is not told.</summary>
    public bool MayQuote { get; init; }

    public bool Covers(AwsSignal signal) =>
        signal.IsAnswer &&
        (Step is null || Step == signal.Step || (Step is AwsStep.Kms && signal.Step is AwsStep.KmsByAccessKey)) &&
        (Codes.Length == 0 || Codes.Contains(signal.Code, StringComparer.OrdinalIgnoreCase)) &&
        (Words is null || signal.Text.Contains(Words, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// Every answer of AWS and what it says about a key: the AWS table of spec kms §2, in order, the first row that covers a signal decides. Only an answer
/// of AWS about the customer's key or role is an <see cref="KeyVerdict.Invalid"/>; what no row covers is <see cref="UnknownReason.ProviderFault"/>.
/// </summary>
internal static class AwsVerdicts
{
    private const string OurClock = "AWS refused Ear's signature, most likely because of Ear's clock. This says nothing about the key.";

    public static readonly IReadOnlyList<AwsVerdictRow> Rows =
    [
        // Load and trouble at AWS, whatever else the text says.
        new(null, ["ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException", "LimitExceededException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"], null,
            KmsRetry.Again, Unknown(UnknownReason.Throttled, "AWS is throttling requests.")),
        new(null, [], "Rate exceeded",
            KmsRetry.Again, Unknown(UnknownReason.Throttled, "AWS is throttling requests.")),
        new(null, ["DependencyTimeoutException", "KMSInternalException", "InternalFailure", "InternalError", "ServiceUnavailable", "ServiceUnavailableException"], null,
            KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "AWS could not do it for reasons of its own.")),
        new(AwsStep.Kms, ["KeyUnavailableException"], null,
            KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "The key is not available at the moment.")) { OfOneKey = true },
        new(null, ["CustomKeyStoreInvalidStateException", "CloudHsmClusterNotActiveException", "XksProxyUriUnreachableException", "XksProxyInvalidResponseException"], null,
            KmsRetry.No, Unknown(UnknownReason.ProviderFault, "The custom key store behind the key does not answer.")) { OfOneKey = true },

        // The customer's own access key: deactivated, deleted, another secret. Its clock is ours, as below.
        new(AwsStep.KmsByAccessKey, ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"], null,
            KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "AWS does not know the access key: it is deactivated or deleted.")),
        new(AwsStep.KmsByAccessKey, ["SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature"], "signature we calculated does not match",
            KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The secret access key does not belong to the access key id.")) { MayQuote = true },
        new(AwsStep.KmsByAccessKey, ["ExpiredToken", "ExpiredTokenException"], null,
            KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The access key has expired.")),

        // Ours: clock, own credential, own data.
        new(null, ["RequestExpired", "RequestTimeTooSkewed"], null, KmsRetry.Again, Unknown(UnknownReason.OurFault, OurClock)),
        new(null, ["SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature", "IncompleteSignature", "IncompleteSignatureException"], null,
            KmsRetry.Again, Unknown(UnknownReason.OurFault, OurClock)),
        new(AwsStep.Sts, ["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "MissingAuthenticationToken", "AuthFailure"], null,
            KmsRetry.No, Unknown(UnknownReason.OurFault, "AWS does not know Ear's own credential.")),
        new(AwsStep.Sts, ["ExpiredToken", "ExpiredTokenException"], null,
            KmsRetry.Again, Unknown(UnknownReason.OurFault, "Ear's own credential has expired.")),
        new(AwsStep.Kms, ["ExpiredToken", "ExpiredTokenException"], null,
            KmsRetry.Fresh, Unknown(UnknownReason.OurFault, "The session of the role has expired although it is new.")),
        new(AwsStep.Kms, ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"], null,
            KmsRetry.Fresh, Unknown(UnknownReason.OurFault, "KMS does not know the session although it is new.")),
        new(AwsStep.Kms, ["IncorrectKeyException", "InvalidCiphertextException"], null,
            KmsRetry.No, Unknown(UnknownReason.OurFault, "What Ear stored cannot be opened with this key and context.")),

        // The network in between, as AWS sees it.
        new(null, ["AccessDenied", "AccessDeniedException"], "explicit deny in a VPC endpoint policy",
            KmsRetry.No, Unknown(UnknownReason.NetworkAccessDenied, "A VPC endpoint policy keeps Ear away from AWS.")),

        // The role.
        new(AwsStep.Sts, ["AccessDenied", "AccessDeniedException"], null,
            KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "AWS does not let Ear assume the role: it is gone, or its trust policy or external id has changed.")),
        new(AwsStep.Sts, ["ValidationError"], "roleArn",
            KmsRetry.No, Invalid(InvalidReason.CredentialsInvalid, "The role ARN is not one.")),
        new(null, ["OptInRequired", "RegionDisabledException"], null,
            KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The region or service is not enabled in the customer's account.")),

        // The key.
        new(AwsStep.Kms, ["DisabledException", "KMSInvalidStateException"], "pending deletion",
            KmsRetry.No, Invalid(InvalidReason.KeyDeletedOrPendingDeletion, "The key is scheduled for deletion.")),
        new(AwsStep.Kms, ["DisabledException", "KMSInvalidStateException"], "pending replica deletion",
            KmsRetry.No, Invalid(InvalidReason.KeyDeletedOrPendingDeletion, "The key is scheduled for deletion.")),
        new(AwsStep.Kms, ["DisabledException"], null,
            KmsRetry.No, Invalid(InvalidReason.KeyDisabled, "The key is disabled.")),
        new(AwsStep.Kms, ["KMSInvalidStateException"], "pending import",
            KmsRetry.No, Invalid(InvalidReason.KeyExpiredOrNotYetValid, "The imported key material is missing or has expired.")),
        new(AwsStep.Kms, ["KMSInvalidStateException"], null,
            KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "The key is in a passing state.")) { OfOneKey = true },
        new(AwsStep.Kms, ["NotFoundException"], "Invalid arn",
            KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "The key's ARN names another region than the one that is configured.")),
        new(AwsStep.Kms, ["NotFoundException"], null,
            KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "There is no such key in this account and region.")),
        new(AwsStep.Kms, ["InvalidArnException"], null,
            KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "The key identifier is not one.")),
        new(AwsStep.Kms, ["ValidationException"], "keyId",
            KmsRetry.No, Invalid(InvalidReason.KeyNotFound, "The key identifier is not one.")),
        new(AwsStep.Kms, ["InvalidKeyUsageException"], null,
            KmsRetry.No, Invalid(InvalidReason.WrongKeyType, "The key is not for encryption: a symmetric key of usage ENCRYPT_DECRYPT is needed.")),
        // The same text whether access was taken away or a condition on addresses does not hold: this reason is confirmed by a second check before anything stops.
        new(AwsStep.Kms, ["AccessDeniedException", "AccessDenied"], "with an explicit deny",
            KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "A policy denies the role the use of the key. This may also be a condition on Ear's address (aws:SourceIp, aws:SourceVpc, aws:SourceVpce) that does not hold.")),
        new(AwsStep.Kms, ["AccessDeniedException", "AccessDenied"], null,
            KmsRetry.No, Invalid(InvalidReason.PermissionDenied, "The role may not use the key.")),

        new(null, ["ValidationException", "ValidationError", "SerializationException", "MalformedPolicyDocument", "UnknownOperationException", "InvalidAction"], null,
            KmsRetry.No, Unknown(UnknownReason.OurFault, "AWS did not understand Ear's request.")),
    ];

    private static readonly AwsVerdictRow NoOwnCredential = new(AwsStep.OwnCredential, [], null,
        KmsRetry.No, Unknown(UnknownReason.OurFault, "Ear finds no AWS credential of its own."));

    private static readonly AwsVerdictRow NoAnswer = new(null, [], null,
        KmsRetry.Again, Unknown(UnknownReason.NetworkUnreachable, "AWS cannot be reached."));

    private static readonly AwsVerdictRow BadAnswer = new(null, [], null,
        KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "AWS gave an answer that is not one."));

    private static readonly AwsVerdictRow Uncovered = new(null, [], null,
        KmsRetry.Again, Unknown(UnknownReason.ProviderFault, "AWS gave an answer that Ear does not know."));

    public static AwsVerdictRow Of(AwsSignal signal) => signal switch
    {
        { Step: AwsStep.OwnCredential } => NoOwnCredential,
        { IsBadAnswer: true } => BadAnswer,
        { IsAnswer: false } => NoAnswer,
        // A server's failure is never an authenticated no, whatever code it carries.
        { Status: >= 500 } => Rows.FirstOrDefault(r => r.Verdict is KeyVerdict.Unknown && r.Covers(signal)) ?? Uncovered,
        _ => Rows.FirstOrDefault(r => r.Covers(signal)) ?? Uncovered,
    };

    private static KeyVerdict.Invalid Invalid(InvalidReason reason, string words) => new(reason, words);

    private static KeyVerdict.Unknown Unknown(UnknownReason reason, string words) => new(reason, words);
}
