using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;

namespace Ear.Providers.AwsKms;

/// <summary>What AWS's metadata of a key tells people.</summary>
internal static class AwsDescriptions
{
    public static KeyFacts FactsOf(KeyMetadata metadata, GetKeyRotationStatusResponse? rotation, ListKeyRotationsResponse? done) => new(metadata.KeyState?.Value, At(metadata.DeletionDate))
    {
        KeyExpires = At(metadata.ValidTo),
        Rotation = rotation is null ? null : new KeyRotation(rotation.KeyRotationEnabled ?? false, At(done?.Rotations?.Max(r => r.RotationDate)), At(rotation.NextRotationDate)),
    };

    /// <summary>AWS's own keys are used by AWS's services only, so their policy refuses the role: the key is the wrong one, not the policy.</summary>
    public static bool IsAwsOwn(KeyMetadata metadata) => metadata.KeyManager == KeyManagerType.AWS;

    private static DateTimeOffset? At(DateTime? date) => date is { } at ? new DateTimeOffset(at.ToUniversalTime()) : null;
}
