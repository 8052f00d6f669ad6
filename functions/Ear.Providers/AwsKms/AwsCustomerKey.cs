using System.Security.Cryptography;
using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AwsKms;

/// <summary>A customer's key in AWS KMS (spec kms §1.1).</summary>
internal sealed class AwsCustomerKey(AwsKmsCaller kms, KmsCalls<AwsKmsOptions> calls, ILogger<AwsCustomerKey> logger) : ICustomerKey
{
    public KeyProvider Provider => KeyProvider.Aws;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var aws = Aws(key);
        using var budget = calls.Attempts.StartBudget(cancellation);
        var opened = await kms.DecryptAsync(aws, canary, context, budget);
        if (opened.Failure is { Verdict: KeyVerdict.Invalid { Reason: not InvalidReason.CredentialsInvalid } no })
        {
            var facts = await LookAsync(aws, canary, budget);
            // Enabled a moment ago and refused a moment before: KMS takes its time to agree with itself, so the key is asked once more.
            if (facts is { State: "Enabled" } && no.Reason is not InvalidReason.PermissionDenied)
                opened = await kms.DecryptAsync(aws, canary, context, budget);
            return Checked(aws, opened, facts ?? KeyFacts.None);
        }
        if (opened.Failure is null && calls.Facts.IsDue(aws, canary.KeyIdentifier))
            await LookAsync(aws, canary, budget);
        return Checked(aws, opened, calls.Facts.Of(aws, canary.KeyIdentifier));
    }

    public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
    {
        WrapLimit.Check(plaintext);
        var aws = Aws(key);
        using var budget = calls.Attempts.StartBudget(cancellation);
        var bytes = plaintext.ToArray();
        try
        {
            var encrypted = await kms.EncryptAsync(aws, bytes, context, budget);
            if (encrypted.Failure is { } failure)
                return KeyAnswer<WrappedKey>.No(await ExplainedAsync(aws, failure, budget));
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
        var opened = await kms.DecryptAsync(aws, wrapped, context, budget);
        return opened.Failure is { } failure ? KeyAnswer<byte[]>.No(failure.Verdict) : KeyAnswer<byte[]>.Of(Take(opened.Value!));
    }

    /// <summary>
    /// A wrapped key is given out only after it has been opened again: data must never depend on one that cannot be. It also tells the key material's id,
    /// which Encrypt does not.
    /// </summary>
    private async Task<KeyAnswer<WrappedKey>> ProvenAsync(CustomerKey.Aws key, WrappedKey wrapped, byte[] plaintext, KeyContext context, KmsBudget budget)
    {
        var opened = await kms.DecryptAsync(key, wrapped, context, budget);
        if (opened.Failure is { } failure)
            return KeyAnswer<WrappedKey>.No(failure.Verdict);
        var again = Take(opened.Value!);
        var same = CryptographicOperations.FixedTimeEquals(again, plaintext);
        CryptographicOperations.ZeroMemory(again);
        return same
            ? KeyAnswer<WrappedKey>.Of(wrapped with { KeyVersion = opened.Value!.KeyMaterialId ?? "" })
            : KeyAnswer<WrappedKey>.No(new KeyVerdict.Unknown(UnknownReason.ProviderFault, "KMS gave back something other than what it was given."));
    }

    private async Task<KeyVerdict> ExplainedAsync(CustomerKey.Aws key, KmsFailure failure, KmsBudget budget)
    {
        if (failure.Verdict is not KeyVerdict.Invalid { Reason: InvalidReason.PermissionDenied })
            return failure.Verdict;
        var metadata = await kms.DescribeAsync(key, new AwsKeyName(key.KeyIdentifier, key.Region), budget);
        return metadata is not null && AwsDescriptions.IsAwsOwn(metadata)
            ? new KeyVerdict.Invalid(InvalidReason.WrongKeyType, "The key is one of AWS's own (aws/…), which only AWS's services can use: a customer managed key is needed.")
            : failure.Verdict;
    }

    /// <summary>Asks for the key's metadata and remembers it. A look that fails leaves what is known, and is not tried again until the next is due.</summary>
    /// <returns>null when there was no answer.</returns>
    private async Task<KeyFacts?> LookAsync(CustomerKey.Aws key, WrappedKey canary, KmsBudget budget)
    {
        var name = AwsKeyName.ToOpen(key, canary.KeyIdentifier);
        var facts = await kms.DescribeAsync(key, name, budget) is { } metadata ? await FactsAsync(key, name, metadata, budget) : null;
        calls.Facts.Keep(key, canary.KeyIdentifier, facts ?? calls.Facts.Of(key, canary.KeyIdentifier));
        return facts;
    }

    private async Task<KeyFacts> FactsAsync(CustomerKey.Aws key, AwsKeyName name, KeyMetadata metadata, KmsBudget budget)
    {
        var rotation = await kms.RotationAsync(key, name, budget);
        return AwsDescriptions.FactsOf(metadata, rotation, rotation is null ? null : await kms.RotationsAsync(key, name, budget));
    }

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

    private static CustomerKey.Aws Aws(CustomerKey key) =>
        key as CustomerKey.Aws ?? throw new ArgumentException($"A key of {key.Provider} was given to the provider of AWS.", nameof(key));
}
