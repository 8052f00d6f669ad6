using System.Text.Json;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Google.Cloud.Kms.V1;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>
/// Looks at a key or version to explain a refusal, or to tell its facts. Never decides: most accounts may use a key and not look at it
/// (roles/cloudkms.cryptoKeyEncrypterDecrypter has no cryptoKeys.get), and looking has the smallest quota of all.
/// </summary>
internal sealed class GoogleLookups(GoogleCalls calls, KmsCalls<GoogleCloudKmsOptions> shared, TimeProvider time)
{
    /// <summary>A key that works is not kept waiting for its facts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Where the answer leaves open what it means, the version or key is looked at, and the same table judges again.</summary>
    public async Task<KmsFailure> ExplainAsync(CustomerKey.Gcp key, GoogleKeyName version, KmsFailure failure, KmsBudget budget)
    {
        if (failure is GoogleFailure { LacksState: true } stateless && await VersionAsync(key, version, budget) is { } seen)
            return GoogleFailure.Of(stateless.Signal with { State = StateOf(seen) });
        if (failure is GoogleFailure { MayBeWrongPurpose: true } refused && (await KeyAsync(key, version, budget)).Value is { Purpose: not CryptoKey.Types.CryptoKeyPurpose.EncryptDecrypt })
            return GoogleFailure.Of(refused.Signal with { WrongPurpose = true });
        return failure;
    }

    public async Task<CryptoKeyVersion?> VersionAsync(CustomerKey.Gcp key, GoogleKeyName version, KmsBudget budget) =>
        version.Version.Length == 0
            ? null
            : (await calls.RunAsync(
                key, version, calls.Options.MetadataCallsPerSecond, budget,
                async (kms, options) => await kms.GetCryptoKeyVersionAsync(new GetCryptoKeyVersionRequest { Name = version.Full }, options))).Value;

    /// <summary>Facts of a key that works: remembered, and asked for only now and then.</summary>
    public async Task<KeyFacts> FactsAsync(CustomerKey.Gcp key, GoogleKeyName version, CancellationToken cancellation)
    {
        if (!shared.Facts.IsDue(key, version.Key))
            return shared.Facts.Of(key, version.Key);
        using var budget = new KmsBudget(Patience, time, cancellation);
        var (seen, failure) = await KeyAsync(key, version, budget);
        // An account that may not look is not asked again before the next time; an outage or a full quota is.
        if (seen is not null || failure is { Verdict: KeyVerdict.Invalid })
            shared.Facts.Keep(key, version.Key, seen is null ? KeyFacts.None : FactsOf(seen));
        return shared.Facts.Of(key, version.Key);
    }

    public KeyFacts Remembered(CustomerKey.Gcp key, GoogleKeyName version) => shared.Facts.Of(key, version.Key);

    public static string StateOf(CryptoKeyVersion version) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(version.State.ToString());

    /// <summary>Destroyed for good has no date until which it can be restored.</summary>
    public static DateTimeOffset? RestorableUntil(CryptoKeyVersion version) =>
        version.State is CryptoKeyVersion.Types.CryptoKeyVersionState.DestroyScheduled ? version.DestroyTime?.ToDateTimeOffset() : null;

    private static KeyFacts FactsOf(CryptoKey key) => new(key.Primary is null ? null : StateOf(key.Primary))
    {
        // Google tells no date of the last rotation: it is when the primary version was made, if it is not the first.
        Rotation = new KeyRotation(
            key.RotationPeriod is not null,
            key.Primary is { Name: var name } primary && GoogleKeyName.Parse(name).Version != "1" ? primary.CreateTime?.ToDateTimeOffset() : null,
            key.NextRotationTime?.ToDateTimeOffset()),
    };

    private Task<KmsResult<CryptoKey>> KeyAsync(CustomerKey.Gcp key, GoogleKeyName version, KmsBudget budget) => calls.RunAsync(
        key, version with { Version = "" }, calls.Options.MetadataCallsPerSecond, budget,
        async (kms, options) => await kms.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = version.Key }, options));
}
