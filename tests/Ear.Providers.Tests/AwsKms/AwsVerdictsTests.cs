using Ear.CustomerKeys;
using Ear.Providers.AwsKms;

namespace Ear.Providers.Tests.AwsKms;

/// <summary>The AWS table of spec kms §2, line by line, in AWS's own words.</summary>
public sealed class AwsVerdictsTests
{
    private const string Arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private const string Denied = "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: kms:Decrypt on resource: " + Arn + " ";

    public static TheoryData<string, string, string, int, string> Table => new()
    {
        // The key's state.
        { "Kms", "DisabledException", $"{Arn} is disabled.", 400, "KeyDisabled" },
        { "Kms", "DisabledException", $"{Arn} is pending deletion.", 400, "KeyDeletedOrPendingDeletion" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is pending deletion.", 400, "KeyDeletedOrPendingDeletion" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is pending replica deletion.", 400, "KeyDeletedOrPendingDeletion" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is pending import.", 400, "KeyExpiredOrNotYetValid" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is creating.", 400, "ProviderFault" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is updating.", 400, "ProviderFault" },
        { "Kms", "KMSInvalidStateException", $"{Arn} is unavailable.", 400, "ProviderFault" },
        { "Kms", "KMSInvalidStateException", "something new", 400, "ProviderFault" },
        { "Kms", "KeyUnavailableException", "", 500, "ProviderFault" },
        { "Kms", "CustomKeyStoreInvalidStateException", "", 400, "ProviderFault" },
        { "Kms", "XksProxyUriUnreachableException", "", 400, "ProviderFault" },
        // No such key.
        { "Kms", "NotFoundException", $"Key '{Arn}' does not exist", 400, "KeyNotFound" },
        { "Kms", "NotFoundException", "Invalid keyId 'x'", 400, "KeyNotFound" },
        { "Kms", "InvalidArnException", "Invalid arn eu-west-1", 400, "KeyNotFound" },
        { "Kms", "NotFoundException", "Invalid arn eu-west-1", 400, "KeyNotFound" },
        { "Kms", "ValidationException", "1 validation error detected: Value at 'keyId' failed to satisfy constraint", 400, "KeyNotFound" },
        { "Kms", "ValidationException", "1 validation error detected: Value at 'plaintext' failed to satisfy constraint", 400, "OurFault" },
        // Permission.
        { "Kms", "AccessDeniedException", Denied + "because no identity-based policy allows the kms:Decrypt action", 400, "PermissionDenied" },
        { "Kms", "AccessDeniedException", Denied + "because no resource-based policy allows the kms:Decrypt action", 400, "PermissionDenied" },
        { "Kms", "AccessDeniedException", Denied + "with an explicit deny in a resource-based policy", 400, "PermissionDenied" },
        { "Kms", "AccessDeniedException", Denied + "with an explicit deny in a service control policy", 400, "PermissionDenied" },
        { "Kms", "AccessDeniedException", Denied + "with an explicit deny in a VPC endpoint policy", 400, "NetworkAccessDenied" },
        { "Sts", "AccessDenied", Denied + "with an explicit deny in a VPC endpoint policy", 403, "NetworkAccessDenied" },
        { "Kms", "AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.", 400, "PermissionDenied" },
        { "Kms", "OptInRequired", "", 403, "PermissionDenied" },
        { "Sts", "RegionDisabledException", "STS is not activated in this region for account", 403, "PermissionDenied" },
        // Our own data.
        { "Kms", "InvalidCiphertextException", "", 400, "OurFault" },
        { "Kms", "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.", 400, "OurFault" },
        { "Kms", "InvalidKeyUsageException", $"{Arn} key usage is SIGN_VERIFY which is not valid for Decrypt.", 400, "WrongKeyType" },
        // The role, and our own credential.
        { "Sts", "AccessDenied", "User: arn:aws:iam::444455556666:user/ear is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r", 403, "CredentialsInvalid" },
        { "Sts", "InvalidClientTokenId", "The security token included in the request is invalid.", 403, "OurFault" },
        { "Sts", "UnrecognizedClientException", "", 403, "OurFault" },
        { "Sts", "ExpiredToken", "The security token included in the request is expired", 403, "OurFault" },
        { "Kms", "ExpiredTokenException", "The security token included in the request is expired", 400, "OurFault" },
        { "Kms", "UnrecognizedClientException", "The security token included in the request is invalid.", 400, "OurFault" },
        // The customer's own access key.
        { "KmsByAccessKey", "UnrecognizedClientException", "The security token included in the request is invalid.", 400, "CredentialsInvalid" },
        { "KmsByAccessKey", "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.", 400, "CredentialsInvalid" },
        { "KmsByAccessKey", "InvalidSignatureException", "Signature expired: 20261124T055753Z is now earlier than 20261124T060000Z", 400, "OurFault" },
        { "KmsByAccessKey", "InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP", 400, "OurFault" },
        { "KmsByAccessKey", "ExpiredTokenException", "", 400, "CredentialsInvalid" },
        { "KmsByAccessKey", "DisabledException", $"{Arn} is disabled.", 400, "KeyDisabled" },
        { "Kms", "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.", 400, "OurFault" },
        // Clock.
        { "Kms", "InvalidSignatureException", "Signature expired: 20261124T055753Z is now earlier than 20261124T060000Z", 400, "OurFault" },
        { "Sts", "SignatureDoesNotMatch", "Signature not yet current: 20261124T055753Z is still later than 20261124T060000Z", 403, "OurFault" },
        { "Kms", "RequestExpired", "", 400, "OurFault" },
        // Load and trouble at AWS.
        { "Kms", "ThrottlingException", "Rate exceeded", 400, "Throttled" },
        { "Sts", "Throttling", "Rate exceeded", 400, "Throttled" },
        { "Sts", "AccessDenied", "Rate exceeded", 403, "Throttled" },
        { "Kms", "LimitExceededException", "", 400, "Throttled" },
        { "Kms", "TooManyRequestsException", "", 429, "Throttled" },
        { "Kms", "SlowDown", "", 503, "Throttled" },
        { "Kms", "DependencyTimeoutException", "", 500, "ProviderFault" },
        { "Kms", "KMSInternalException", "", 500, "ProviderFault" },
        { "Sts", "InternalFailure", "", 500, "ProviderFault" },
        { "Kms", "ServiceUnavailable", "", 503, "ProviderFault" },
        { "Kms", "", "", 502, "ProviderFault" },
        // A server that fails says nothing, whatever it says.
        { "Sts", "AccessDenied", "not authorized", 500, "ProviderFault" },
        { "Kms", "DisabledException", $"{Arn} is disabled.", 503, "ProviderFault" },
        // Unheard of.
        { "Kms", "SomethingNewException", "what is this", 400, "ProviderFault" },
        { "Sts", "SomethingNew", "what is this", 403, "ProviderFault" },
        // Nothing was answered at all.
        { "Kms", "", "", 0, "NetworkUnreachable" },
        { "Sts", "", "no answer in time", 0, "NetworkUnreachable" },
        { "OwnCredential", "", "", 0, "OurFault" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_signal_has_its_class(string step, string code, string text, int status, string expected)
    {
        var verdict = AwsFailures.Of(new AwsSignal(Enum.Parse<AwsStep>(step), code, text, status, "request-1")).Verdict;

        Assert.Equal(expected, verdict switch
        {
            KeyVerdict.Invalid invalid => invalid.Reason.ToString(),
            KeyVerdict.Unknown unknown => unknown.Reason.ToString(),
            _ => "Valid",
        });
    }

    [Fact]
    public void Every_row_of_the_table_decides_some_signal()
    {
        var deciding = Table.Select(r => AwsVerdicts.Of(new AwsSignal(Enum.Parse<AwsStep>(r.Data.Item1), r.Data.Item2, r.Data.Item3, r.Data.Item4, null))).ToHashSet();

        // IncompleteSignature and its like share a row with InvalidSignature; the two rows of malformed names have tests of their own below.
        var silent = AwsVerdicts.Rows.Where(r => !deciding.Contains(r)).Select(r => string.Join(",", r.Codes)).ToList();
        Assert.Equal(["ValidationError"], silent);
    }

    [Fact]
    public void A_role_arn_that_is_not_one_is_the_customers_to_correct() =>
        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(AwsFailures.Of(
            new AwsSignal(AwsStep.Sts, "ValidationError", "1 validation error detected: Value 'x' at 'roleArn' failed to satisfy constraint", 400, null)).Verdict).Reason);

    [Fact]
    public void Only_an_answer_of_the_service_about_key_or_role_makes_a_key_invalid() =>
        Assert.All(AwsVerdicts.Rows.Where(r => r.Verdict is KeyVerdict.Invalid), r => Assert.NotEmpty(r.Codes));

    [Fact]
    public void An_answer_that_is_none_is_a_fault_of_the_provider() =>
        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(AwsFailures.Of(
            new AwsSignal(AwsStep.Kms, "", "", 0, null) { IsBadAnswer = true }).Verdict).Reason);

    [Fact]
    public void A_trouble_behind_one_key_does_not_count_against_the_region()
    {
        Assert.False(AwsFailures.Of(new AwsSignal(AwsStep.Kms, "XksProxyUriUnreachableException", "", 400, null)).IsOfService);
        Assert.True(AwsFailures.Of(new AwsSignal(AwsStep.Kms, "KMSInternalException", "", 500, null)).IsOfService);
        Assert.False(AwsFailures.Of(new AwsSignal(AwsStep.Kms, "DisabledException", "is disabled.", 400, null)).IsOfService);
    }

    [Fact]
    public void An_explicit_deny_is_confirmed_before_anything_stops_and_names_the_harmless_reading()
    {
        var verdict = Assert.IsType<KeyVerdict.Invalid>(AwsFailures.Of(new AwsSignal(AwsStep.Kms, "AccessDeniedException", Denied + "with an explicit deny in a resource-based policy", 400, null)).Verdict);

        Assert.True(verdict.NeedsConfirmation);
        Assert.Contains("aws:SourceIp", verdict.Detail);
    }

    [Theory]
    [InlineData("KmsByAccessKey", "The request signature we calculated does not match the signature you provided. x-amz-security-token:SECRET")]
    [InlineData("Kms", "Signature expired: x-amz-security-token:SECRET")]
    public void A_signature_error_never_quotes_the_request(string step, string text) =>
        Assert.DoesNotContain("SECRET", AwsFailures.Of(new AwsSignal(Enum.Parse<AwsStep>(step), "InvalidSignatureException", text, 400, null)).Verdict.ToString());

    [Fact]
    public void What_may_quote_our_request_is_not_told()
    {
        var verdict = AwsFailures.Of(new AwsSignal(AwsStep.Kms, "InvalidSignatureException", "x-amz-security-token:SECRET", 400, null)).Verdict;

        Assert.DoesNotContain("SECRET", verdict.ToString());
    }
}
