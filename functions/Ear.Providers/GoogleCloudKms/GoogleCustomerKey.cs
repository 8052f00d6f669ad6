using System.Security.Cryptography;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Google.Cloud.Kms.V1;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>A customer's key in Google Cloud KMS (spec kms §1.3): encrypted with one version, which the name holds; decrypted by the key, and Google finds the version.</summary>
internal sealed class GoogleCustomerKey(GoogleCalls calls, GoogleCrypto crypto, GoogleLookups lookups, ILogger<GoogleCustomerKey> logger) : ICustomerKey
{
    public KeyProvider Provider => KeyProvider.Gcp;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var gcp = Gcp(key);
        using var budget = calls.StartBudget(cancellation);
        var version = VersionOf(canary);
        var opened = await OpenAsync(gcp, version, canary, context, budget);
        if (opened.Failure is null)
            return new KeyCheck(new KeyVerdict.Valid(), Forgotten(await lookups.FactsAsync(gcp, version, cancellation), opened));
        if (opened.Failure.Verdict is not KeyVerdict.Invalid { Reason: InvalidReason.KeyDisabled or InvalidReason.KeyDeletedOrPendingDeletion or InvalidReason.KeyExpiredOrNotYetValid }
            || await lookups.VersionAsync(gcp, version, budget) is not { } seen)
            return Refused(gcp, opened.Failure, KeyFacts.None);
        // Enabled a moment ago and refused a moment before: Google takes its time to agree with itself, so the key is asked once more.
        if (seen.State is CryptoKeyVersion.Types.CryptoKeyVersionState.Enabled)
            opened = await OpenAsync(gcp, version, canary, context, budget);
        var facts = lookups.Remembered(gcp, version) with { State = GoogleLookups.StateOf(seen), DeletionDate = GoogleLookups.RestorableUntil(seen) };
        return opened.Failure is { } failure ? Refused(gcp, failure, facts) : new KeyCheck(new KeyVerdict.Valid(), Forgotten(facts, opened));
    }

    public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
    {
        WrapLimit.Check(plaintext);
        var gcp = Gcp(key);
        using var budget = calls.StartBudget(cancellation);
        var version = GoogleKeyName.Parse(gcp.KeyIdentifier);
        var bytes = plaintext.ToArray();
        try
        {
            var encrypted = await crypto.EncryptAsync(gcp, version, bytes, context.Canonical(), budget);
            if (encrypted.Failure is { } failure)
                return KeyAnswer<WrappedKey>.No((await lookups.ExplainAsync(gcp, version, failure, budget)).Verdict);
            var used = GoogleKeyName.Parse(encrypted.Value!.Name);
            var wrapped = new WrappedKey(Provider, used.Key, used.Version, context.Digest(), encrypted.Value.Ciphertext.ToByteArray());
            return await ProvenAsync(gcp, wrapped, bytes, context, budget);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public async Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
    {
        using var budget = calls.StartBudget(cancellation);
        var opened = await OpenAsync(Gcp(key), VersionOf(wrapped), wrapped, context, budget);
        return opened.Failure is { } failure ? KeyAnswer<byte[]>.No(failure.Verdict) : KeyAnswer<byte[]>.Of(opened.Value!);
    }

    /// <summary>A wrapped key is given out only after it has been opened again: data must never depend on one that cannot be.</summary>
    private async Task<KeyAnswer<WrappedKey>> ProvenAsync(CustomerKey.Gcp key, WrappedKey wrapped, byte[] plaintext, KeyContext context, KmsBudget budget)
    {
        var opened = await OpenAsync(key, VersionOf(wrapped), wrapped, context, budget);
        if (opened.Failure is { } failure)
            return KeyAnswer<WrappedKey>.No(failure.Verdict);
        var same = CryptographicOperations.FixedTimeEquals(opened.Value, plaintext);
        CryptographicOperations.ZeroMemory(opened.Value);
        return same
            ? KeyAnswer<WrappedKey>.Of(wrapped)
            : KeyAnswer<WrappedKey>.No(new KeyVerdict.Unknown(UnknownReason.ProviderFault, "Cloud KMS gave back something other than what it was given."));
    }

    private async Task<KmsResult<byte[]>> OpenAsync(CustomerKey.Gcp key, GoogleKeyName version, WrappedKey wrapped, KeyContext context, KmsBudget budget)
    {
        var opened = await crypto.DecryptAsync(key, version with { Version = "" }, wrapped.Ciphertext, context.Canonical(), budget);
        return opened.Failure is { } failure ? new(null, await lookups.ExplainAsync(key, version, failure, budget)) : opened;
    }

    private KeyCheck Refused(CustomerKey.Gcp key, KmsFailure failure, KeyFacts facts)
    {
        logger.KeyRefused(Log.Hash(key.KeyIdentifier), failure.Step, failure.Code, failure.RequestId);
        return new KeyCheck(failure.Verdict, facts with { RequestId = failure.RequestId });
    }

    /// <summary>The plaintext of a check is thrown away.</summary>
    private static KeyFacts Forgotten(KeyFacts facts, KmsResult<byte[]> opened)
    {
        CryptographicOperations.ZeroMemory(opened.Value);
        return facts;
    }

    /// <summary>By the key that wrapped it: the project may meanwhile be configured for another.</summary>
    private static GoogleKeyName VersionOf(WrappedKey wrapped) => GoogleKeyName.Parse(wrapped.KeyIdentifier) with { Version = wrapped.KeyVersion };

    private static CustomerKey.Gcp Gcp(CustomerKey key) =>
        key as CustomerKey.Gcp ?? throw new ArgumentException($"A key of {key.Provider} was given to the provider of Google Cloud KMS.", nameof(key));
}
