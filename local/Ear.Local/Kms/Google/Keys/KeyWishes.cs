using Google.Cloud.Kms.V1;
using Google.Protobuf.WellKnownTypes;
using Algorithm = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm;
using Purpose = Google.Cloud.Kms.V1.CryptoKey.Types.CryptoKeyPurpose;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>What a client may ask of a key, with the bounds and defaults of resources.proto.</summary>
internal static class KeyWishes
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongestRotation = TimeSpan.FromHours(876_000);
    private static readonly TimeSpan UsualDestruction = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestDestruction = TimeSpan.FromDays(120);

    /// <summary>A key without versions.</summary>
    public static StoredKey NewKey(ResourceName name, CryptoKey wish, DateTimeOffset now)
    {
        var purpose = wish.Purpose == Purpose.Unspecified ? Purpose.EncryptDecrypt : wish.Purpose;
        var key = new StoredKey(
            name.ToString(), purpose, now, Protection(wish.VersionTemplate), AlgorithmFor(purpose, wish.VersionTemplate), DestructionAfter(wish.DestroyScheduledDuration),
            wish.ImportOnly, RotationPeriod: null, NextRotation: null, Labels(wish), Primary: null, []);
        return WithRotation(key, wish.RotationPeriod, wish.NextRotationTime, now);
    }

    /// <param name="paths">Fields to take over, as the .proto names them.</param>
    public static StoredKey Update(StoredKey key, CryptoKey wish, IReadOnlyCollection<string> paths, DateTimeOffset now)
    {
        if (paths.Count == 0)
            throw GoogleRefusal.Invalid("update_mask must not be empty.");
        foreach (var path in paths)
            key = path switch
            {
                "labels" => key with { Labels = Labels(wish) },
                "rotation_period" or "next_rotation_time" => key,
                "version_template" or "version_template.algorithm" or "version_template.protection_level" =>
                    key with { Algorithm = AlgorithmFor(key.Purpose, wish.VersionTemplate), Protection = Protection(wish.VersionTemplate) },
                _ => throw GoogleRefusal.Invalid($"The field {path} of a CryptoKey cannot be updated."),
            };
        if (!paths.Contains("rotation_period") && !paths.Contains("next_rotation_time"))
            return key;
        var period = paths.Contains("rotation_period") ? wish.RotationPeriod : key.RotationPeriod?.ToDuration();
        var next = paths.Contains("next_rotation_time") ? wish.NextRotationTime : key.NextRotation?.ToTimestamp();
        return WithRotation(key, period, next, now);
    }

    private static StoredKey WithRotation(StoredKey key, Duration? period, Timestamp? next, DateTimeOffset now)
    {
        if (period is null && next is null)
            return key with { RotationPeriod = null, NextRotation = null };
        if (!key.IsSymmetric)
            throw GoogleRefusal.Invalid($"Automatic rotation is not supported for purpose {Wire.EnumName(key.Purpose)}.");
        if (period is not null && next is null)
            throw GoogleRefusal.Invalid("next_rotation_time must be set if rotation_period is set.");
        if (period?.ToTimeSpan() is { } every && (every < Day || every > LongestRotation))
            throw GoogleRefusal.Invalid("rotation_period must be at least 24 hours and at most 876,000 hours.");
        var at = next!.ToDateTimeOffset();
        return at > now
            ? key with { RotationPeriod = period?.ToTimeSpan(), NextRotation = at }
            : throw GoogleRefusal.Invalid("next_rotation_time must be in the future.");
    }

    private static Dictionary<string, string> Labels(CryptoKey wish) => wish.Labels.ToDictionary(l => l.Key, l => l.Value);

    private static ProtectionLevel Protection(CryptoKeyVersionTemplate? template) =>
        template is null or { ProtectionLevel: ProtectionLevel.Unspecified } ? ProtectionLevel.Software : template.ProtectionLevel;

    private static TimeSpan DestructionAfter(Duration? wish) => wish?.ToTimeSpan() switch
    {
        null => UsualDestruction,
        { } asked when asked < Day || asked > LongestDestruction => throw GoogleRefusal.Invalid("destroy_scheduled_duration must be between 24 hours and 120 days."),
        { } asked => asked,
    };

    /// <summary>Only ENCRYPT_DECRYPT has a default. The others are made to be the wrong kind of key: nothing but their metadata is served.</summary>
    private static Algorithm AlgorithmFor(Purpose purpose, CryptoKeyVersionTemplate? template)
    {
        var algorithm = template?.Algorithm ?? Algorithm.Unspecified;
        if (algorithm == Algorithm.Unspecified)
            return purpose == Purpose.EncryptDecrypt
                ? Algorithm.GoogleSymmetricEncryption
                : throw GoogleRefusal.Invalid($"version_template.algorithm is required for purpose {Wire.EnumName(purpose)}.");
        var name = Wire.EnumName(algorithm);
        var suits = purpose switch
        {
            Purpose.EncryptDecrypt => algorithm is Algorithm.GoogleSymmetricEncryption or Algorithm.ExternalSymmetricEncryption,
            Purpose.AsymmetricSign => name.Contains("_SIGN_", StringComparison.Ordinal),
            Purpose.AsymmetricDecrypt => name.Contains("_DECRYPT_", StringComparison.Ordinal),
            Purpose.RawEncryptDecrypt => name.StartsWith("AES_", StringComparison.Ordinal),
            Purpose.Mac => name.StartsWith("HMAC_", StringComparison.Ordinal),
            _ => false,
        };
        return suits ? algorithm : throw GoogleRefusal.Invalid($"Algorithm {name} is not valid for purpose {Wire.EnumName(purpose)}.");
    }
}
