#nullable disable

using System.Buffers.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Azure.Security.KeyVault.Keys;

/// <summary>The REST API's documents (spec kms §1.2).</summary>
internal static class KeyVaultJson
{
    public static KeyVaultKey Key(JsonElement bundle) => Filled(new KeyVaultKey(), bundle);

    public static DeletedKey DeletedKey(JsonElement bundle) =>
        Filled(new DeletedKey { DeletedOn = Time(bundle, "deletedDate"), ScheduledPurgeDate = Time(bundle, "scheduledPurgeDate") }, bundle);

    public static KeyRotationPolicy RotationPolicy(JsonElement policy)
    {
        var read = new KeyRotationPolicy();
        if (policy.TryGetProperty("lifetimeActions", out var actions))
            foreach (var entry in actions.EnumerateArray())
                read.LifetimeActions.Add(Action(entry));
        if (policy.TryGetProperty("attributes", out var attributes))
            read.ExpiresIn = Text(attributes, "expiryTime");
        return read;
    }

    public static (string KeyId, byte[] Value) Result(JsonElement result) => (Text(result, "kid"), Base64Url.DecodeFromChars(Text(result, "value")));

    public static RequestContent Operation(KeyWrapAlgorithm algorithm, byte[] value) =>
        RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = algorithm.ToString(), ["value"] = Base64Url.EncodeToString(value) }));

    private static T Filled<T>(T key, JsonElement bundle)
        where T : KeyVaultKey
    {
        var material = bundle.GetProperty("key");
        key.Properties = new KeyProperties(new Uri(Text(material, "kid")));
        key.KeyType = new KeyType(Text(material, "kty"));
        if (material.TryGetProperty("key_ops", out var operations))
            key.KeyOperations = [.. operations.EnumerateArray().Select(o => new KeyOperation(o.GetString()))];
        if (bundle.TryGetProperty("attributes", out var attributes))
        {
            key.Properties.Enabled = attributes.TryGetProperty("enabled", out var enabled) ? enabled.GetBoolean() : null;
            key.Properties.NotBefore = Time(attributes, "nbf");
            key.Properties.ExpiresOn = Time(attributes, "exp");
            key.Properties.CreatedOn = Time(attributes, "created");
        }
        return key;
    }

    private static KeyRotationLifetimeAction Action(JsonElement entry)
    {
        var trigger = entry.GetProperty("trigger");
        return new KeyRotationLifetimeAction(new KeyRotationPolicyAction(Text(entry.GetProperty("action"), "type")))
        {
            TimeAfterCreate = Text(trigger, "timeAfterCreate"),
            TimeBeforeExpiry = Text(trigger, "timeBeforeExpiry"),
        };
    }

    private static string Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? DateTimeOffset.FromUnixTimeSeconds(value.GetInt64()) : null;
}
