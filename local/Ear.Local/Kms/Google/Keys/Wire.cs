using System.Reflection;
using Google.Cloud.Kms.V1;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>Stored keys as Google's messages.</summary>
internal static class Wire
{
    public static KeyRing ToMessage(this StoredRing ring) => new() { Name = ring.Name, CreateTime = ring.Created.ToTimestamp() };

    public static CryptoKey ToMessage(this StoredKey key)
    {
        var message = new CryptoKey
        {
            Name = key.Name,
            Purpose = key.Purpose,
            CreateTime = key.Created.ToTimestamp(),
            NextRotationTime = key.NextRotation?.ToTimestamp(),
            VersionTemplate = new CryptoKeyVersionTemplate { ProtectionLevel = key.Protection, Algorithm = key.Algorithm },
            ImportOnly = key.ImportOnly,
            DestroyScheduledDuration = key.DestroyScheduledDuration.ToDuration(),
            Primary = key.Version(key.Primary) is { } primary ? key.ToMessage(primary) : null,
        };
        if (key.RotationPeriod is { } period)
            message.RotationPeriod = period.ToDuration();
        foreach (var (name, value) in key.Labels)
            message.Labels.Add(name, value);
        return message;
    }

    public static CryptoKeyVersion ToMessage(this StoredKey key, StoredVersion version) => new()
    {
        Name = key.NameOf(version),
        State = version.State,
        ProtectionLevel = version.Protection,
        Algorithm = version.Algorithm,
        CreateTime = version.Created.ToTimestamp(),
        GenerateTime = version.Created.ToTimestamp(),
        DestroyTime = version.DestroyTime?.ToTimestamp(),
        DestroyEventTime = version.Destroyed?.ToTimestamp(),
    };

    /// <summary>The name in the .proto, not the one of C#.</summary>
    public static string EnumName<T>(T value)
        where T : struct, System.Enum =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<OriginalNameAttribute>()?.Name ?? value.ToString();
}
