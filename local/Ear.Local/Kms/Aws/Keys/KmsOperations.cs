using System.Text.Json.Nodes;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>AWS KMS by operation name. Each checks in AWS's order: the key is named, the caller may, the state allows, then it is done.</summary>
internal sealed class KmsOperations
{
    private readonly KmsKeys keys;
    private readonly ServiceClock clock;
    private readonly Dictionary<string, Func<KmsRequest, JsonObject>> byName;

    public KmsOperations(KmsKeys keys, ServiceClock clock)
    {
        this.keys = keys;
        this.clock = clock;
        var cryptography = new KmsCryptography(this, keys);
        byName = new()
        {
            ["CreateKey"] = CreateKey,
            ["DescribeKey"] = r => new JsonObject { ["KeyMetadata"] = Metadata(KeyFor(r, "DescribeKey", KeyUse.Look)) },
            ["ListKeys"] = ListKeys,
            ["EnableKey"] = r => SetState(r, "EnableKey", KeyUse.Enable, KeyState.Enabled),
            ["DisableKey"] = r => SetState(r, "DisableKey", KeyUse.Disable, KeyState.Disabled),
            ["ScheduleKeyDeletion"] = ScheduleKeyDeletion,
            ["CancelKeyDeletion"] = CancelKeyDeletion,
            ["GetKeyRotationStatus"] = GetKeyRotationStatus,
            ["Encrypt"] = cryptography.Encrypt,
            ["Decrypt"] = cryptography.Decrypt,
            ["GenerateDataKey"] = r => cryptography.GenerateDataKey(r, "GenerateDataKey", withPlaintext: true),
            ["GenerateDataKeyWithoutPlaintext"] = r => cryptography.GenerateDataKey(r, "GenerateDataKeyWithoutPlaintext", withPlaintext: false),
        };
    }

    /// <returns>null when this KMS does not know the operation.</returns>
    public Func<KmsRequest, JsonObject>? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The key that <c>KeyId</c> names, if it exists, the caller may and the state allows.</summary>
    public KmsKey KeyFor(KmsRequest request, string operation, KeyUse use)
    {
        var key = Authorized(request, operation, request.RequiredText("KeyId"));
        key.MustAllow(use);
        return key;
    }

    public KmsKey Authorized(KmsRequest request, string operation, string name)
    {
        var id = KeyNames.IdFrom(name, request.Region);
        var arn = AwsNames.KeyArn(request.Region, id);
        request.Caller.MustBeAllowed("kms:" + operation, arn);
        return keys.Find(id) is { } key && key.Region == request.Region ? key : throw KeyNames.DoesNotExist(arn);
    }

    private JsonObject CreateKey(KmsRequest request)
    {
        request.Caller.MustBeAllowed("kms:CreateKey", "*");
        var spec = request.Text("KeySpec") ?? request.Text("CustomerMasterKeySpec") ?? KmsKey.Symmetric;
        var usage = request.Text("KeyUsage", KmsKey.EncryptDecrypt)!;
        var origin = request.Text("Origin", "AWS_KMS")!;
        // HMAC keys exist here to be the wrong kind of key: nothing but their metadata is served.
        if ((spec, usage) is not ((KmsKey.Symmetric, KmsKey.EncryptDecrypt) or ("HMAC_256", "GENERATE_VERIFY_MAC")))
            throw AwsRefusal.Validation($"The local KMS makes keys of SYMMETRIC_DEFAULT with ENCRYPT_DECRYPT and HMAC_256 with GENERATE_VERIFY_MAC, not {spec} with {usage}.");
        if (origin is not ("AWS_KMS" or "EXTERNAL"))
            throw new AwsRefusal("UnsupportedOperationException", $"The local KMS makes keys of origin AWS_KMS and EXTERNAL, not {origin}.");
        var key = keys.Create(request.Region, spec, usage, origin, request.Text("Description", "")!);
        return new JsonObject { ["KeyMetadata"] = Metadata(key) };
    }

    private JsonObject ListKeys(KmsRequest request)
    {
        request.Caller.MustBeAllowed("kms:ListKeys", "*");
        var limit = request.Number("Limit", 1, 1000) ?? 100;
        var marker = request.Text("Marker", "")!;
        var rest = keys.In(request.Region).Where(k => string.CompareOrdinal(k.Id, marker) > 0).ToList();
        var page = rest.Take(limit).ToList();
        var answer = new JsonObject
        {
            ["Keys"] = new JsonArray([.. page.Select(k => new JsonObject { ["KeyArn"] = k.Arn, ["KeyId"] = k.Id })]),
            ["Truncated"] = rest.Count > page.Count,
        };
        if (rest.Count > page.Count)
            answer["NextMarker"] = page[^1].Id;
        return answer;
    }

    private JsonObject SetState(KmsRequest request, string operation, KeyUse use, KeyState state)
    {
        var id = Authorized(request, operation, request.RequiredText("KeyId")).Id;
        keys.Change(id, key =>
        {
            key.MustAllow(use);
            return key with { State = state };
        });
        return [];
    }

    private JsonObject ScheduleKeyDeletion(KmsRequest request)
    {
        var days = request.Number("PendingWindowInDays", 7, 30) ?? 30;
        var id = Authorized(request, "ScheduleKeyDeletion", request.RequiredText("KeyId")).Id;
        var changed = keys.Change(id, key =>
        {
            key.MustAllow(KeyUse.ScheduleDeletion);
            return key with { State = KeyState.PendingDeletion, DeletionDate = clock.Now.AddDays(days) };
        });
        return new JsonObject
        {
            ["KeyId"] = changed.Arn,
            ["DeletionDate"] = Epoch(changed.DeletionDate!.Value),
            ["KeyState"] = changed.State.ToString(),
            ["PendingWindowInDays"] = days,
        };
    }

    private JsonObject CancelKeyDeletion(KmsRequest request)
    {
        var id = Authorized(request, "CancelKeyDeletion", request.RequiredText("KeyId")).Id;
        var changed = keys.Change(id, key =>
        {
            key.MustAllow(KeyUse.CancelDeletion);
            return key with { State = key.Materials.Count == 0 ? KeyState.PendingImport : KeyState.Disabled, DeletionDate = null };
        });
        return new JsonObject { ["KeyId"] = changed.Arn };
    }

    private JsonObject GetKeyRotationStatus(KmsRequest request)
    {
        var key = KeyFor(request, "GetKeyRotationStatus", KeyUse.Look);
        if (key.Origin == "EXTERNAL" || key.Spec != KmsKey.Symmetric)
            throw new AwsRefusal("UnsupportedOperationException", $"{key.Arn} does not support key rotation.");
        return new JsonObject { ["KeyId"] = key.Arn, ["KeyRotationEnabled"] = false };
    }

    private static JsonObject Metadata(KmsKey key)
    {
        var metadata = new JsonObject
        {
            ["AWSAccountId"] = AwsNames.CustomerAccount,
            ["KeyId"] = key.Id,
            ["Arn"] = key.Arn,
            ["CreationDate"] = Epoch(key.Created),
            ["Enabled"] = key.State == KeyState.Enabled,
            ["Description"] = key.Description,
            ["KeyUsage"] = key.Usage,
            ["KeyState"] = key.State.ToString(),
            ["Origin"] = key.Origin,
            ["KeyManager"] = "CUSTOMER",
            ["CustomerMasterKeySpec"] = key.Spec,
            ["KeySpec"] = key.Spec,
            ["MultiRegion"] = false,
        };
        if (key.Spec == KmsKey.Symmetric)
            metadata["EncryptionAlgorithms"] = new JsonArray(KmsKey.Symmetric);
        else
            metadata["MacAlgorithms"] = new JsonArray("HMAC_SHA_256");
        if (key.DeletionDate is { } date)
            metadata["DeletionDate"] = Epoch(date);
        if (key.Spec == KmsKey.Symmetric && key.Materials.Count > 0)
            metadata["CurrentKeyMaterialId"] = key.Materials[^1].Id;
        return metadata;
    }

    private static double Epoch(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;
}
