using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>A customer's key in AWS KMS, used with a session of the customer's role (spec kms §1.1).</summary>
internal sealed class AwsCustomerKey(RoleSessions sessions, KmsCalls<AwsKmsOptions> calls, IOptions<AwsKmsOptions> options, ILogger<AwsCustomerKey> logger) : ICustomerKey
{
    public KeyProvider Provider => KeyProvider.Aws;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var aws = Aws(key);
        using var budget = calls.Attempts.StartBudget(cancellation);
        var opened = await OpenAsync(aws, canary, context, budget);
        if (opened.Failure is { Verdict: KeyVerdict.Invalid { Reason: not InvalidReason.CredentialsInvalid } })
        {
            var described = await DescribeAsync(aws, canary.KeyIdentifier, budget);
            // Enabled a moment ago and refused a moment before: KMS takes its time to agree with itself, so the key is asked once more.
            if (described is { State: "Enabled" } && opened.Failure.Verdict is KeyVerdict.Invalid { Reason: not InvalidReason.PermissionDenied })
                opened = await OpenAsync(aws, canary, context, budget);
            return Checked(aws, opened, described ?? KeyFacts.None);
        }
        return Checked(aws, opened, KeyFacts.None);
    }

    public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
    {
        WrapLimit.Check(plaintext);
        var aws = Aws(key);
        using var budget = calls.Attempts.StartBudget(cancellation);
        var bytes = plaintext.ToArray();
        try
        {
            var encrypted = await RunAsync(
                aws, aws.Region,
                (kms, stop) => kms.EncryptAsync(new EncryptRequest { KeyId = aws.KeyIdentifier, Plaintext = new MemoryStream(bytes), EncryptionContext = Map(context) }, stop),
                budget);
            if (encrypted.Failure is { } failure)
                return KeyAnswer<WrappedKey>.No(failure.Verdict);
            var wrapped = new WrappedKey(Provider, encrypted.Value!.KeyId, "", context.Digest(), encrypted.Value.CiphertextBlob.ToArray());
            return await ProvenAsync(aws, wrapped, bytes, context, budget);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public async Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
    {
        var aws = Aws(key);
        using var budget = calls.Attempts.StartBudget(cancellation);
        var opened = await OpenAsync(aws, wrapped, context, budget);
        return opened.Failure is { } failure ? KeyAnswer<byte[]>.No(failure.Verdict) : KeyAnswer<byte[]>.Of(Take(opened.Value!));
    }

    /// <summary>
    /// A wrapped key is given out only after it has been opened again: data must never depend on one that cannot be. It also tells the key material's id,
    /// which Encrypt does not.
    /// </summary>
    private async Task<KeyAnswer<WrappedKey>> ProvenAsync(
        CustomerKey.Aws key, WrappedKey wrapped, byte[] plaintext, KeyContext context, KmsBudget budget)
    {
        var opened = await OpenAsync(key, wrapped, context, budget);
        if (opened.Failure is { } failure)
            return KeyAnswer<WrappedKey>.No(failure.Verdict);
        var again = Take(opened.Value!);
        var same = CryptographicOperations.FixedTimeEquals(again, plaintext);
        CryptographicOperations.ZeroMemory(again);
        return same
            ? KeyAnswer<WrappedKey>.Of(wrapped with { KeyVersion = opened.Value!.KeyMaterialId ?? "" })
            : KeyAnswer<WrappedKey>.No(new KeyVerdict.Unknown(UnknownReason.ProviderFault, "KMS gave back something other than what it was given."));
    }

    /// <summary>By the key that wrapped it, in that key's region: the project may meanwhile be configured for another.</summary>
    private Task<KmsResult<DecryptResponse>> OpenAsync(CustomerKey.Aws key, WrappedKey wrapped, KeyContext context, KmsBudget budget) =>
        RunAsync(
            key, RegionOf(wrapped.KeyIdentifier) ?? key.Region,
            (kms, stop) => kms.DecryptAsync(
                new DecryptRequest { KeyId = wrapped.KeyIdentifier, CiphertextBlob = new MemoryStream(wrapped.Ciphertext), EncryptionContext = Map(context) }, stop),
            budget);

    /// <summary>Explains; never decides.</summary>
    private async Task<KeyFacts?> DescribeAsync(CustomerKey.Aws key, string keyIdentifier, KmsBudget budget)
    {
        var described = await RunAsync(
            key, RegionOf(keyIdentifier) ?? key.Region,
            (kms, stop) => kms.DescribeKeyAsync(new DescribeKeyRequest { KeyId = keyIdentifier }, stop), budget);
        return described.Value?.KeyMetadata is { } metadata
            ? new KeyFacts(metadata.KeyState?.Value, metadata.DeletionDate is { } date ? new DateTimeOffset(date.ToUniversalTime()) : null)
            : null;
    }

    private Task<KmsResult<T>> RunAsync<T>(
        CustomerKey.Aws key, string region, Func<IAmazonKeyManagementService, CancellationToken, Task<T>> call, KmsBudget budget)
        where T : class =>
        calls.Attempts.RunAsync<AwsStep, T>(
            async attempt =>
            {
                var session = await sessions.GetAsync(new RoleName(((AwsAccess.Role)key.Access).RoleArn, ((AwsAccess.Role)key.Access).ExternalId, region), attempt);
                attempt.Step = AwsStep.Kms;
                return await calls.Gates.RunAsync(At(key, region), attempt, options.Value.CallsPerSecond, () => call(session.Kms, attempt.Cancellation), AwsFailures.Judge);
            },
            AwsFailures.Judge, budget);

    private static KmsEndpoint At(CustomerKey.Aws key, string region) => new($"AWS KMS in {region}", $"{region} {((AwsAccess.Role)key.Access).RoleArn.Split(':').ElementAtOrDefault(4)}");

    private KeyCheck Checked(CustomerKey.Aws key, KmsResult<DecryptResponse> opened, KeyFacts facts)
    {
        if (opened.Failure is { } failure)
        {
            logger.KeyRefused(Log.Hash(key.KeyIdentifier), failure.Step, failure.Code, failure.RequestId);
            return new KeyCheck(failure.Verdict, facts with { RequestId = failure.RequestId });
        }
        CryptographicOperations.ZeroMemory(Take(opened.Value!));
        return new KeyCheck(new KeyVerdict.Valid(), facts with { RequestId = opened.Value!.ResponseMetadata?.RequestId });
    }

    /// <summary>The plaintext, and no copy of it left in the response.</summary>
    private static byte[] Take(DecryptResponse response)
    {
        var plain = response.Plaintext.ToArray();
        if (response.Plaintext.TryGetBuffer(out var buffer))
            CryptographicOperations.ZeroMemory(buffer);
        return plain;
    }

    private static Dictionary<string, string> Map(KeyContext context) => new(context.Entries);

    /// <returns>null for anything but a key ARN.</returns>
    private static string? RegionOf(string keyIdentifier) => keyIdentifier.Split(':') is ["arn", _, "kms", { Length: > 0 } region, ..] ? region : null;

    private static CustomerKey.Aws Aws(CustomerKey key) =>
        key as CustomerKey.Aws ?? throw new ArgumentException($"A key of {key.Provider} was given to the provider of AWS.", nameof(key));
}
