using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>The key operations of the vault's REST API. What a request may and may not is settled before one runs.</summary>
internal sealed class VaultOperations
{
    private const int LargestPage = 25;

    private readonly VaultKeys keys;
    private readonly KeyCryptography cryptography;
    private readonly VaultJson json;
    private readonly Dictionary<VaultOperation, Func<VaultRequest, JsonObject?>> operations;

    public VaultOperations(VaultKeys keys, KeyCryptography cryptography, VaultJson json)
    {
        (this.keys, this.cryptography, this.json) = (keys, cryptography, json);
        operations = new()
        {
            [VaultOperation.CreateKey] = Create,
            [VaultOperation.ImportKey] = Import,
            [VaultOperation.GetKey] = r => Bundle(keys.Get(r.Name), r.Route.Version),
            [VaultOperation.GetKeys] = r => Page(r, "keys", keys.In(KeyPhase.Active), k => k.Name, json.Item),
            [VaultOperation.GetKeyVersions] = Versions,
            [VaultOperation.UpdateKey] = Update,
            [VaultOperation.DeleteKey] = r => Bundle(keys.Delete(r.Name)),
            [VaultOperation.GetDeletedKey] = r => Bundle(keys.GetDeleted(r.Name)),
            [VaultOperation.GetDeletedKeys] = r => Page(r, "deletedkeys", keys.In(KeyPhase.Deleted), k => k.Name, json.Item),
            [VaultOperation.RecoverDeletedKey] = r => Bundle(keys.Recover(r.Name)),
            [VaultOperation.PurgeDeletedKey] = Purge,
            [VaultOperation.RotateKey] = r => Bundle(keys.Rotate(r.Name)),
            [VaultOperation.GetKeyRotationPolicy] = r => json.Rotation(keys.Get(r.Name)),
            [VaultOperation.UpdateKeyRotationPolicy] = SetRotation,
            [VaultOperation.WrapKey] = r => Use(KeyOperationNames.WrapKey, r),
            [VaultOperation.UnwrapKey] = r => Use(KeyOperationNames.UnwrapKey, r),
            [VaultOperation.Encrypt] = r => Use(KeyOperationNames.Encrypt, r),
            [VaultOperation.Decrypt] = r => Use(KeyOperationNames.Decrypt, r),
        };
    }

    /// <returns>null: done, and nothing to say (204).</returns>
    public JsonObject? Run(VaultRequest request)
    {
        if (!operations.TryGetValue(request.Route.Operation, out var operation))
            throw new AzureRefusal(405, "MethodNotAllowed", "The requested method is not allowed on this resource.");
        CheckNames(request.Route);
        return operation(request);
    }

    private static void CheckNames(VaultRoute route)
    {
        if (route.Name is { } name && (name.Length > 127 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            throw AzureRefusal.BadParameter($"The request URI contains an invalid name: {name}");
        if (route.Version is { } version && (version.Length != 32 || !version.All(char.IsAsciiHexDigit)))
            throw AzureRefusal.BadParameter($"The request URI contains an invalid version: {version}");
    }

    private JsonObject Create(VaultRequest request)
    {
        var body = request.Read<KeyBody>();
        var kty = body.Kty ?? throw AzureRefusal.BadParameter("Property kty is required");
        return Bundle(keys.Create(request.Name, kty, body.KeySize, body.Crv, body.Change(kty)));
    }

    private JsonObject Import(VaultRequest request)
    {
        var body = request.Read<KeyBody>();
        if (body.Key is not { Kty: "RSA" or "RSA-HSM" } key)
            throw AzureRefusal.BadParameter("Property kty has invalid value: an RSA key is needed here");
        var kty = body.Hsm == true ? "RSA-HSM" : key.Kty;
        return Bundle(keys.Import(request.Name, KeyMaterial.Import(kty, key.Rsa()), body.Change(kty)));
    }

    private JsonObject Update(VaultRequest request)
    {
        var kty = keys.Get(request.Name).Version(request.Route.Version).Kty;
        return Bundle(keys.Update(request.Name, request.Route.Version, request.Read<KeyBody>().Change(kty)), request.Route.Version);
    }

    private JsonObject? Purge(VaultRequest request)
    {
        keys.Purge(request.Name);
        return null;
    }

    private JsonObject SetRotation(VaultRequest request)
    {
        var body = request.Read<RotationBody>();
        var actions = (body.LifetimeActions ?? []).Select(Action).ToList();
        return json.Rotation(keys.SetRotation(request.Name, Periods.Expiry(body.Attributes?.ExpiryTime), actions));
    }

    private static RotationAction Action(RotationBody.LifetimeAction action)
    {
        // Clients write the type in small letters too; the service answers with a capital.
        var type = action.Action?.Type?.ToLowerInvariant() switch
        {
            "rotate" => "Rotate",
            "notify" => "Notify",
            _ => throw AzureRefusal.BadParameter("Property action.type has invalid value"),
        };
        var (after, before) = (action.Trigger?.TimeAfterCreate, action.Trigger?.TimeBeforeExpiry);
        _ = Periods.Parse(after ?? before ?? throw AzureRefusal.BadParameter("Property trigger has invalid value"));
        return new RotationAction(type, after, before);
    }

    private JsonObject Use(string operation, VaultRequest request)
    {
        var body = request.Read<CryptographyBody>();
        var (key, version, result) = cryptography.Run(
            operation, request.Name, request.Route.Version, body.Alg ?? throw AzureRefusal.BadParameter("Property 'alg' is required.\r\n"), VaultRequest.Bytes(body.Value, "value"));
        var value = Base64Url.EncodeToString(result);
        CryptographicOperations.ZeroMemory(result);
        return new JsonObject { ["kid"] = json.Id(key, version), ["value"] = value };
    }

    private JsonObject Versions(VaultRequest request)
    {
        var key = keys.Get(request.Name);
        return Page(request, $"keys/{key.Name}/versions", [.. key.Versions.OrderBy(v => v.Id, StringComparer.Ordinal)], v => v.Id, v => json.Item(key, v));
    }

    /// <summary>The token is the last name of the page before: a key that comes or goes meanwhile makes nothing else be left out or told twice.</summary>
    private JsonObject Page<T>(VaultRequest request, string path, IReadOnlyList<T> all, Func<T, string> name, Func<T, JsonObject> view)
    {
        if (request.MaxResults is < 1 or > LargestPage)
            throw AzureRefusal.BadParameter($"maxresults should be between 1 and {LargestPage}");
        var after = request.SkipToken is { } token ? Encoding.UTF8.GetString(VaultRequest.Bytes(token, "$skiptoken")) : "";
        var size = request.MaxResults ?? LargestPage;
        var left = all.Where(i => string.CompareOrdinal(name(i), after) > 0).Take(size + 1).ToList();
        var next = left.Count > size
            ? $"{json.Url}/{path}?api-version={request.ApiVersion}&$skiptoken={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name(left[size - 1])))}&maxresults={size}"
            : null;
        return new JsonObject { ["value"] = new JsonArray([.. left.Take(size).Select(view)]), ["nextLink"] = next };
    }

    private JsonObject Bundle(VaultKey key, string? version = null) => json.Bundle(key, key.Version(version));
}
