using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>What the vault answers with.</summary>
/// <param name="url">Of the vault; the beginning of every id.</param>
internal sealed class VaultJson(Func<string> url)
{
    public string Url => url();

    public string Id(VaultKey key, KeyVersion version) => $"{Url}/keys/{key.Name}/{version.Id}";

    /// <summary>Never the private half.</summary>
    public JsonObject Bundle(VaultKey key, KeyVersion version)
    {
        var web = new JsonObject { ["kid"] = Id(key, version), ["kty"] = version.Kty, ["key_ops"] = new JsonArray([.. version.Operations.Select(o => JsonValue.Create(o))]) };
        foreach (var (name, value) in ((string, string?)[])[("n", version.Public.N), ("e", version.Public.E), ("crv", version.Public.Crv), ("x", version.Public.X), ("y", version.Public.Y)])
        {
            if (value is not null)
                web[name] = value;
        }
        return Deletion(key, new JsonObject { ["key"] = web, ["attributes"] = Attributes(version), ["tags"] = Tags(version) });
    }

    public JsonObject Item(VaultKey key) => Deletion(key, Item($"{Url}/keys/{key.Name}", key.Current));

    public JsonObject Item(VaultKey key, KeyVersion version) => Item(Id(key, version), version);

    public JsonObject Rotation(VaultKey key)
    {
        // The service answers with a reminder where no policy was put.
        var policy = key.Rotation ?? new RotationPolicy(ExpiryTime: null, [new RotationAction("Notify", null, "P30D")], key.Versions[0].Created, key.Versions[0].Created);
        return new JsonObject
        {
            ["id"] = $"{Url}/keys/{key.Name}/rotationpolicy",
            ["lifetimeActions"] = new JsonArray([.. policy.Actions.Select(a => new JsonObject
            {
                ["trigger"] = a.TimeAfterCreate is not null ? new JsonObject { ["timeAfterCreate"] = a.TimeAfterCreate } : new JsonObject { ["timeBeforeExpiry"] = a.TimeBeforeExpiry },
                ["action"] = new JsonObject { ["type"] = a.Type },
            })]),
            ["attributes"] = new JsonObject
            {
                ["expiryTime"] = policy.ExpiryTime,
                ["created"] = policy.Created.ToUnixTimeSeconds(),
                ["updated"] = policy.Updated.ToUnixTimeSeconds(),
            },
        };
    }

    private static JsonObject Item(string id, KeyVersion version) => new() { ["kid"] = id, ["attributes"] = Attributes(version), ["tags"] = Tags(version) };

    private JsonObject Deletion(VaultKey key, JsonObject of)
    {
        if (key.DeletedOn is not { } deleted)
            return of;
        of["recoveryId"] = $"{Url}/deletedkeys/{key.Name}";
        of["deletedDate"] = deleted.ToUnixTimeSeconds();
        of["scheduledPurgeDate"] = key.PurgeOn!.Value.ToUnixTimeSeconds();
        return of;
    }

    private static JsonObject Attributes(KeyVersion version)
    {
        var attributes = new JsonObject { ["enabled"] = version.Enabled };
        if (version.NotBefore is { } from)
            attributes["nbf"] = from.ToUnixTimeSeconds();
        if (version.Expires is { } until)
            attributes["exp"] = until.ToUnixTimeSeconds();
        attributes["created"] = version.Created.ToUnixTimeSeconds();
        attributes["updated"] = version.Updated.ToUnixTimeSeconds();
        attributes["recoveryLevel"] = "Recoverable+Purgeable";
        attributes["recoverableDays"] = VaultKeys.RecoverableDays;
        return attributes;
    }

    private static JsonObject Tags(KeyVersion version) => new(version.Tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));
}
