using System.Text.Json.Nodes;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>AWS KMS by operation name. Each checks in AWS's order: the key is named, the caller may, the state allows, then it is done.</summary>
internal sealed class KmsOperations
{
    private readonly KmsKeys keys;
    private readonly KmsAliases aliases;
    private readonly ServiceClock clock;
    private readonly Dictionary<string, Func<KmsRequest, JsonObject>> byName;

    public KmsOperations(KmsKeys keys, KmsAliases aliases, ServiceClock clock)
    {
        this.keys = keys;
        this.aliases = aliases;
        this.clock = clock;
        var cryptography = new KmsCryptography(this, keys);
        var rotation = new RotationOperations(this, keys, clock);
        var named = new AliasOperations(this, aliases);
        byName = new()
        {
            ["CreateKey"] = CreateKey,
            ["DescribeKey"] = r => new JsonObject { ["KeyMetadata"] = Metadata(KeyFor(r, "DescribeKey", KeyUse.Look)) },
            ["ListKeys"] = ListKeys,
            ["EnableKey"] = r => SetState(r, "EnableKey", KeyUse.Enable, KeyState.Enabled),
            ["DisableKey"] = r => SetState(r, "DisableKey", KeyUse.Disable, KeyState.Disabled),
            ["ScheduleKeyDeletion"] = ScheduleKeyDeletion,
            ["CancelKeyDeletion"] = CancelKeyDeletion,
            ["EnableKeyRotation"] = rotation.Enable,
            ["DisableKeyRotation"] = rotation.Disable,
            ["GetKeyRotationStatus"] = rotation.Status,
            ["RotateKeyOnDemand"] = rotation.RotateOnDemand,
            ["ListKeyRotations"] = rotation.List,
            ["CreateAlias"] = named.Create,
            ["UpdateAlias"] = named.Update,
            ["DeleteAlias"] = named.Delete,
            ["ListAliases"] = named.List,
            ["Encrypt"] = cryptography.Encrypt,
            ["Decrypt"] = cryptography.Decrypt,
            ["ReEncrypt"] = cryptography.ReEncrypt,
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
        var id = IdFrom(request, name);
        request.Caller.MustBeAllowed("kms:" + operation, AwsNames.KeyArn(request.Region, id));
        return Existing(request, id);
    }

    /// <summary>For an operation whose permission is not one of this key.</summary>
    public KmsKey Named(KmsRequest request, string name) => Existing(request, IdFrom(request, name));

    private string IdFrom(KmsRequest request, string name) => KeyNames.IdFrom(name, request.Region, alias => aliases.Find(request.Region, alias)?.KeyId);

    private KmsKey Existing(KmsRequest request, string id) =>
        keys.Find(id) is { } key && key.Region == request.Region ? key : throw KeyNames.DoesNotExist(AwsNames.KeyArn(request.Region, id));

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
        var key = keys.Create(request.Region, spec, usage, origin, request.Text("Description", "")!, request.Flag("MultiRegion"));
        return new JsonObject { ["KeyMetadata"] = Metadata(key) };
    }

    private JsonObject ListKeys(KmsRequest request)
    {
        request.Caller.MustBeAllowed("kms:ListKeys", "*");
        return Page(request, "Keys", keys.In(request.Region), k => k.Id, k => new JsonObject { ["KeyArn"] = k.Arn, ["KeyId"] = k.Id });
    }

    /// <summary>One page of a list in the order of its ids; the marker is the last id of the page before.</summary>
    public static JsonObject Page<T>(KmsRequest request, string member, IEnumerable<T> all, Func<T, string> idOf, Func<T, JsonObject> view)
    {
        var limit = request.Number("Limit", 1, 1000) ?? 100;
        var marker = request.Text("Marker", "")!;
        var rest = all.Where(item => string.CompareOrdinal(idOf(item), marker) > 0).OrderBy(idOf, StringComparer.Ordinal).ToList();
        var page = rest.Take(limit).ToList();
        var answer = new JsonObject { [member] = new JsonArray([.. page.Select(view)]), ["Truncated"] = rest.Count > page.Count };
        if (rest.Count > page.Count)
            answer["NextMarker"] = idOf(page[^1]);
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
            ["MultiRegion"] = key.IsMultiRegion,
        };
        if (key.IsMultiRegion)
        {
            metadata["MultiRegionConfiguration"] = new JsonObject
            {
                ["MultiRegionKeyType"] = "PRIMARY",
                ["PrimaryKey"] = new JsonObject { ["Arn"] = key.Arn, ["Region"] = key.Region },
                ["ReplicaKeys"] = new JsonArray(),
            };
        }
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

    public static double Epoch(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;
}
