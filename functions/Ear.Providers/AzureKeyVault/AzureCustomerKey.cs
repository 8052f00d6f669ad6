using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzureKeyVault;

/// <summary>
/// A customer's key in Azure Key Vault (spec kms §1.2). Wraps with exactly the version that is configured: Atlas pins it, and a rotation in the vault takes
/// effect when the customer configures the new version. Unwraps with the version that wrapped, whatever is configured by then.
/// </summary>
internal sealed class AzureCustomerKey(VaultCalls vault, KeyDescriptions descriptions, KmsCalls<AzureKeyVaultOptions> calls, TimeProvider time, ILogger<AzureCustomerKey> logger) : ICustomerKey
{
    private static readonly KmsFailure NotAKey = AzureFailure.Of(new(AzureStep.Own, AzureFault.NotAsked, AzureSignal.Codes.HostNotAllowed));
    private static readonly KmsFailure OtherContext = AzureFailure.Of(new(AzureStep.Own, AzureFault.NotAsked, AzureSignal.Codes.OtherContext));
    private static readonly KmsFailure NotWhatWasAsked = AzureFailure.Of(new(AzureStep.Vault, AzureFault.BrokenAnswer));

    public KeyProvider Provider => KeyProvider.Azure;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var azure = await vault.RouteAsync(Azure(key), context, cancellation);
        using var budget = vault.StartBudget(cancellation);
        var opened = await OpenAsync(azure, canary, context, budget);
        if (opened.Failure is { } failure)
        {
            var (verdict, described) = await ExplainedAsync(azure, canary.KeyIdentifier, failure, budget);
            // Enabled a moment ago and disabled a moment before: the vault takes its time to agree with itself, so the key is asked once more.
            if (verdict is not KeyVerdict.Invalid { Reason: InvalidReason.KeyDisabled } || described is not { State: "Enabled" })
                return Refused(azure, failure, verdict, described);
            opened = await OpenAsync(azure, canary, context, budget);
            if (opened.Failure is { } second)
                return Refused(azure, second, second.Verdict, described);
        }
        CryptographicOperations.ZeroMemory(opened.Plaintext);
        var facts = await FactsAsync(azure, canary.KeyIdentifier, budget);
        return new KeyCheck(new KeyVerdict.Valid(), facts with { RequestId = opened.RequestId, CallerAddress = opened.CallerAddress });
    }

    public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
    {
        WrapLimit.Check(plaintext);
        var azure = await vault.RouteAsync(Azure(key), context, cancellation);
        using var budget = vault.StartBudget(cancellation);
        var payload = BoundPayload.Of(plaintext.Span, context);
        try
        {
            var (wrapped, failure) = await WrappedAsync(azure, payload, context, budget);
            failure ??= await UnprovenAsync(azure, wrapped!, plaintext, context, budget);
            return failure is null
                ? KeyAnswer<WrappedKey>.Of(wrapped!)
                : KeyAnswer<WrappedKey>.No((await ExplainedAsync(azure, azure.Key.KeyIdentifier, failure, budget)).Verdict);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    public async Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
    {
        var azure = await vault.RouteAsync(Azure(key), context, cancellation);
        using var budget = vault.StartBudget(cancellation);
        var opened = await OpenAsync(azure, wrapped, context, budget);
        return opened.Failure is { } failure
            ? KeyAnswer<byte[]>.No((await ExplainedAsync(azure, wrapped.KeyIdentifier, failure, budget)).Verdict)
            : KeyAnswer<byte[]>.Of(opened.Plaintext!);
    }

    private async Task<(WrappedKey? Wrapped, KmsFailure? Failure)> WrappedAsync(RoutedKey key, byte[] payload, KeyContext context, KmsBudget budget)
    {
        if (!VaultKeyName.TryParse(key.Key.KeyIdentifier, out var at))
            return (null, NotAKey);
        var done = await vault.UseAsync(key, at, async (client, stop) => Whole(await client.WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, payload, stop), r => r.EncryptedKey), budget);
        if (done.Failure is { } failure)
            return (null, failure);
        var result = done.Value!.Value;
        // Also the address to unwrap at comes from this answer: only the key that was asked is believed.
        return VaultKeyName.TryParse(result.KeyId ?? "", out var used) && used.IsSameAs(at)
            ? (new WrappedKey(Provider, result.KeyId!, used.Version, context.Digest(), result.EncryptedKey), null)
            : (null, NotWhatWasAsked);
    }

    /// <summary>A wrapped key is given out only after it has been opened again: data must never depend on one that cannot be, and a disabled key still wraps.</summary>
    private async Task<KmsFailure?> UnprovenAsync(RoutedKey key, WrappedKey wrapped, ReadOnlyMemory<byte> plaintext, KeyContext context, KmsBudget budget)
    {
        var opened = await OpenAsync(key, wrapped, context, budget);
        if (opened.Failure is { } failure)
            return failure;
        var same = CryptographicOperations.FixedTimeEquals(opened.Plaintext, plaintext.Span);
        CryptographicOperations.ZeroMemory(opened.Plaintext);
        return same ? null : NotWhatWasAsked;
    }

    private async Task<Opened> OpenAsync(RoutedKey key, WrappedKey wrapped, KeyContext context, KmsBudget budget)
    {
        if (!VaultKeyName.TryParse(wrapped.KeyIdentifier, out var at))
            return new(null, NotAKey);
        var done = await vault.UseAsync(key, at, async (client, stop) => Whole(await client.UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped.Ciphertext, stop), r => r.Key), budget);
        if (done.Failure is { } failure)
            return new(null, failure);
        var payload = done.Value!.Value.Key;
        var plaintext = BoundPayload.Open(payload, context);
        CryptographicOperations.ZeroMemory(payload);
        return plaintext is null ? new(null, OtherContext) : new(plaintext, null) { RequestId = done.Value.RequestId, CallerAddress = done.Value.CallerAddress };
    }

    /// <summary>Asks the vault about the key only where its answer could be explained by what the key says of itself.</summary>
    private async Task<(KeyVerdict Verdict, KeyFacts Facts)> ExplainedAsync(RoutedKey key, string keyIdentifier, KmsFailure failure, KmsBudget budget)
    {
        if (failure is not AzureFailure { Signal: { Step: AzureStep.Vault, Fault: AzureFault.Answer, Status: 400 or 403 or 404 or 409 } signal } ||
            failure.Verdict is KeyVerdict.Unknown { Reason: UnknownReason.NetworkAccessDenied } || !VaultKeyName.TryParse(keyIdentifier, out var at))
            return (failure.Verdict, KeyFacts.None);
        if (await descriptions.OfRefusedAsync(key, at, failure.Verdict, budget) is not { } described)
            return (failure.Verdict, KeyFacts.None);
        return (AzureVerdicts.Explained(signal, failure.Verdict, described, time.GetUtcNow()) ?? failure.Verdict, descriptions.Facts(described));
    }

    /// <summary>Of a key that works: asked for once an hour, remembered in between.</summary>
    private async Task<KeyFacts> FactsAsync(RoutedKey key, string keyIdentifier, KmsBudget budget)
    {
        if (calls.Facts.IsDue(key.Key, keyIdentifier) && VaultKeyName.TryParse(keyIdentifier, out var at) && await descriptions.OfWorkingAsync(key, at, budget) is { } facts)
            calls.Facts.Keep(key.Key, keyIdentifier, facts);
        return calls.Facts.Of(key.Key, keyIdentifier);
    }

    private KeyCheck Refused(RoutedKey key, KmsFailure failure, KeyVerdict verdict, KeyFacts facts)
    {
        logger.KeyRefused(Log.Hash(key.Key.KeyIdentifier), failure.Step, failure.Code, failure.RequestId);
        return new KeyCheck(verdict, facts with { RequestId = failure.RequestId, CallerAddress = failure.CallerAddress });
    }

    /// <summary>The SDK leaves out what the answer lacks.</summary>
    private static T Whole<T>(T result, Func<T, byte[]?> value) => value(result) is { Length: > 0 } ? result : throw new AzureBrokenAnswerException();

    private static CustomerKey.Azure Azure(CustomerKey key) =>
        key as CustomerKey.Azure ?? throw new ArgumentException($"A key of {key.Provider} was given to the provider of Azure.", nameof(key));

    /// <param name="Plaintext">To be zeroed.</param>
    private readonly record struct Opened(byte[]? Plaintext, KmsFailure? Failure)
    {
        public string? RequestId { get; init; }

        public string? CallerAddress { get; init; }
    }
}
