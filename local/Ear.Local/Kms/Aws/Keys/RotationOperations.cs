using System.Text.Json.Nodes;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>Rotation of key material, by itself and on demand (AWS developer guide, "Rotate AWS KMS keys"): new material encrypts, all of it decrypts.</summary>
internal sealed class RotationOperations(KmsOperations operations, KmsKeys keys, ServiceClock clock)
{
    /// <summary>As the developer guide says now; it was 10 when the operation was new.</summary>
    private const int MostOnDemand = 25;
    private const int DefaultPeriod = 365;

    public JsonObject Enable(KmsRequest request)
    {
        var days = request.Number("RotationPeriodInDays", 90, 2560);
        Change(request, "EnableKeyRotation", key =>
        {
            var period = days ?? key.Rotation?.PeriodInDays ?? DefaultPeriod;
            return key.Rotation?.PeriodInDays == period ? key : key with { Rotation = new KeyRotationPlan(period, clock.Now.AddDays(period)) };
        });
        return [];
    }

    public JsonObject Disable(KmsRequest request)
    {
        Change(request, "DisableKeyRotation", key => key with { Rotation = null });
        return [];
    }

    public JsonObject RotateOnDemand(KmsRequest request)
    {
        var changed = Change(request, "RotateKeyOnDemand", key =>
            key.Rotations.Count(r => r.Type == "ON_DEMAND") < MostOnDemand
                ? keys.Rotate(key, "ON_DEMAND")
                : throw new AwsRefusal("LimitExceededException", $"{key.Arn} has been rotated on demand {MostOnDemand} times, which is the most."));
        return new JsonObject { ["KeyId"] = changed.Arn };
    }

    public JsonObject Status(KmsRequest request)
    {
        var key = Suitable(operations.KeyFor(request, "GetKeyRotationStatus", KeyUse.Look));
        var answer = new JsonObject { ["KeyId"] = key.Arn, ["KeyRotationEnabled"] = false };
        // A key that is to be deleted is not rotated, and shows no plan.
        if (key is { Rotation: { } plan, State: not KeyState.PendingDeletion })
        {
            answer["KeyRotationEnabled"] = true;
            answer["RotationPeriodInDays"] = plan.PeriodInDays;
            answer["NextRotationDate"] = KmsOperations.Epoch(plan.Next);
        }
        return answer;
    }

    /// <summary>One page: there are never many.</summary>
    public JsonObject List(KmsRequest request)
    {
        var key = Suitable(operations.KeyFor(request, "ListKeyRotations", KeyUse.Look));
        var rotations = key.Rotations.Select(r => new JsonObject
        {
            ["KeyId"] = key.Arn,
            ["KeyMaterialId"] = r.MaterialId,
            ["RotationDate"] = KmsOperations.Epoch(r.At),
            ["RotationType"] = r.Type,
        });
        return new JsonObject { ["Rotations"] = new JsonArray([.. rotations]), ["Truncated"] = false };
    }

    private KmsKey Change(KmsRequest request, string operation, Func<KmsKey, KmsKey> change)
    {
        var id = Suitable(operations.Authorized(request, operation, request.RequiredText("KeyId"))).Id;
        return keys.Change(id, key =>
        {
            key.MustAllow(KeyUse.Rotate);
            return change(key);
        });
    }

    private static KmsKey Suitable(KmsKey key) => key.Origin == "EXTERNAL" || key.Spec != KmsKey.Symmetric
        ? throw new AwsRefusal("UnsupportedOperationException", $"{key.Arn} does not support key rotation.")
        : key;
}
