using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Bodies by a request's schema, good ones and spoilt ones; what a schema cannot say (which keys exist) it knows of the world.</summary>
internal sealed class BodyMaker(Dice dice, Known known)
{
    private const int Deepest = 9;
    private static readonly string[] Secrets = ["secretAccessKey", "secret", "serviceAccountKey"];

    /// <summary>A JSON text, mostly.</summary>
    public byte[]? Make(JsonNode schema)
    {
        var good = Value(schema, "", 0)?.ToJsonString() ?? "null";
        if (dice.Chance(45))
            return Encoding.UTF8.GetBytes(good);
        return dice.Int(12) switch
        {
            0 => null,
            1 => [],
            2 => Encoding.UTF8.GetBytes(good[..dice.Int(good.Length)]),
            3 => Encoding.UTF8.GetBytes(dice.Of(["[]", "1", "\"a\"", "null", "not json", "{\"a\":}", "<a/>", "{}{}", "{/**/}", "{\"a\":1,}", "NaN", " "])),
            4 => Encoding.UTF8.GetBytes(good.Length > 2 ? $"{good[..^1]},{good[1..]}" : "{\"a\":1,\"a\":2}"),
            5 => [.. Encoding.UTF8.GetBytes(good[..^1]), 0xFF, 0xC0, .. "}"u8],
            6 => Encoding.UTF8.GetBytes(good.Length > 2 ? $"{{{Deep(dice.Of([5, 31, 32, 33, 64, 2000]))},{good[1..]}" : $"{{{Deep(33)}}}"),
            7 => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(good)],
            _ => Encoding.UTF8.GetBytes(Spoilt(good)),
        };
    }

    /// <summary>One value somewhere in it becomes another.</summary>
    private string Spoilt(string good)
    {
        var root = JsonNode.Parse(good)!;
        var places = Places(root).ToList();
        if (places.Count == 0)
            return $"{{\"unknown\":{dice.Of(Words.Numbers)}}}";
        var (parent, name, at) = dice.Of(places);
        const string mark = "SPOILT-HERE";
        if (dice.Chance(12))
        {
            if (parent is JsonObject whole)
                whole.Remove(name!);
            else
                parent.AsArray().RemoveAt(at);
            return root.ToJsonString();
        }
        if (parent is JsonObject fields)
            fields[dice.Chance(10) ? "unknown" : name!] = mark;
        else
            parent.AsArray()[at] = mark;
        return root.ToJsonString().Replace($"\"{mark}\"", Odd(), StringComparison.Ordinal);
    }

    private string Odd() => dice.Int(9) switch
    {
        0 => "null",
        1 => dice.Of(["true", "false"]),
        2 or 3 => dice.Of(Words.Numbers),
        4 or 5 => JsonValue.Create(dice.Of(Words.Texts)).ToJsonString(),
        6 => dice.Of(Words.OddStrings),
        7 => dice.Of(["[]", "{}", "[null]", "[[]]", "[{}]", "{\"a\":{\"a\":[]}}", $"[{string.Join(',', Enumerable.Repeat("{}", 1200))}]"]),
        _ => $"\"{new string(dice.Of(['a', 'é', '7']), dice.Of([25, 65, 256, 1025, 5000, dice.Chance(10) ? 1 << 20 : 300]))}\"",
    };

    private static IEnumerable<(JsonNode Parent, string? Name, int At)> Places(JsonNode node) => node switch
    {
        JsonObject fields => fields.SelectMany(f => Places(f.Value ?? new JsonObject()).Prepend((node, f.Key, 0))),
        JsonArray items => items.SelectMany((item, i) => Places(item ?? new JsonObject()).Prepend((node, null, i))),
        _ => [],
    };

    private static string Deep(int levels) => $"\"deep\":{string.Concat(Enumerable.Repeat("{\"a\":", levels))}1{new string('}', levels)}";

    private JsonNode? Value(JsonNode? node, string name, int depth)
    {
        if (node is not JsonObject given)
            return JsonValue.Create("anything");
        var schema = (JsonObject)OpenApi.Own.Resolved(given);
        if (schema["nullable"]?.GetValue<bool>() is true && dice.Chance(10))
            return null;
        if (schema["enum"] is JsonArray choices)
            return dice.Of([.. choices])?.DeepClone();
        if (schema["properties"] is not null || schema["allOf"] is not null || schema["oneOf"] is not null || schema["anyOf"] is not null || schema["discriminator"] is not null)
            return Object(schema, depth);
        return schema["type"]?.GetValue<string>() switch
        {
            "boolean" => dice.Chance(50),
            "integer" => JsonValue.Create(Number(schema)),
            "number" => dice.Chance(70) ? JsonValue.Create(Number(schema)) : JsonValue.Create(Number(schema) + 0.5),
            "array" => Array(schema, name, depth),
            "object" => schema["additionalProperties"] is JsonObject others ? new JsonObject { ["a"] = Value(others, "", depth + 1) } : new JsonObject(),
            _ => JsonValue.Create(Text(schema, name)),
        };
    }

    private JsonNode? Object(JsonObject schema, int depth)
    {
        var result = new JsonObject();
        Fill(schema, result, depth);
        return result.Count == 0 && schema["type"]?.GetValue<string>() is "string" ? JsonValue.Create("a") : result;
    }

    private void Fill(JsonObject schema, JsonObject result, int depth)
    {
        foreach (var part in schema["allOf"] as JsonArray ?? [])
            Fill((JsonObject)OpenApi.Own.Resolved(part!), result, depth);
        var required = (schema["required"] as JsonArray ?? []).Select(r => r!.GetValue<string>()).ToHashSet();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (OpenApi.Own.Resolved(property!)["readOnly"]?.GetValue<bool>() is true || depth > Deepest || (!required.Contains(name) && dice.Chance(depth == 0 ? 35 : 25)))
                continue;
            result[name] = Value(property, name, depth + 1);
        }
        if (schema["discriminator"] is { } kinds && kinds["mapping"] is JsonObject mapping && mapping.Count > 0)
        {
            var property = kinds["propertyName"]!.GetValue<string>();
            var (kind, target) = dice.Of([.. mapping]);
            if (result[property] is JsonValue chosen && mapping[chosen.ToString()] is { } named)
                (kind, target) = (chosen.ToString(), named);
            if (depth <= Deepest)
                Fill(Once((JsonObject)OpenApi.Own.Find(target!.GetValue<string>())!, schema), result, depth + 1);
            result[property] = kind;
        }
        else if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices && depth <= Deepest && OpenApi.Own.Resolved(dice.Of([.. choices])!) is JsonObject one)
        {
            Fill(one, result, depth + 1);
        }
    }

    /// <summary>A child names its parent, whose choice was made.</summary>
    private static JsonObject Once(JsonObject child, JsonObject parent)
    {
        if (child["allOf"] is not JsonArray parts)
            return child;
        var copy = (JsonObject)child.DeepClone();
        copy["allOf"] = new JsonArray([.. parts.Where(p => OpenApi.Own.Resolved(p!) != parent).Select(p => p!.DeepClone())]);
        return copy;
    }

    private JsonArray Array(JsonObject schema, string name, int depth)
    {
        var least = schema["minItems"]?.GetValue<int>() ?? 0;
        return new JsonArray([.. Enumerable.Range(0, depth > Deepest ? 0 : Math.Max(least, dice.Of([0, 1, 1, 1, 2, 3]))).Select(_ => Value(schema["items"], name, depth + 1))]);
    }

    private long Number(JsonObject schema)
    {
        var least = Bound(schema["minimum"]) ?? 0;
        var most = Bound(schema["maximum"]) ?? least + 40;
        return dice.Int(6) switch
        {
            0 => least,
            1 => most,
            2 when dice.Chance(30) => least - 1,
            3 when dice.Chance(30) => most + 1,
            _ => least + dice.Int((int)Math.Clamp(most - least, 1, 1000)),
        };
    }

    private static long? Bound(JsonNode? bound) => bound is null ? null : (long)double.Parse(bound.ToJsonString(), CultureInfo.InvariantCulture);

    private string Text(JsonObject schema, string name)
    {
        if (Secrets.Contains(name))
            return name == "serviceAccountKey" ? $$"""{"type":"service_account","project_id":"p","private_key_id":"k","private_key":"{{Words.Secret}}","client_email":"a@p.iam.gserviceaccount.com"}""" : Words.Secret + dice.Hex(8);
        if (dice.Chance(80) && Hint(name) is { } hint)
            return hint;
        if (dice.Chance(15))
            return dice.Of(Words.Texts);
        if (schema["example"] is JsonValue example && dice.Chance(70))
            return example.ToString();
        var (least, most) = (schema["minLength"]?.GetValue<int>() ?? 1, schema["maxLength"]?.GetValue<int>() ?? 30);
        return schema["format"]?.GetValue<string>() switch
        {
            "date-time" => dice.Of(["2026-03-02T00:00:00Z", "2027-01-01T00:00:00+02:00", "2026-03-01T12:00:00.123Z"]),
            "email" => "owner@example.com",
            "uri" or "url" => "https://example.com/a",
            "uuid" => "11111111-2222-3333-4444-555555555555",
            _ when (schema["pattern"]?.GetValue<string>() ?? "").Contains("a-f0-9", StringComparison.Ordinal) => dice.Chance(70) ? known.Any(dice) ?? dice.Hex(24) : dice.Hex(24),
            _ when dice.Chance(10) => new string('a', Math.Min(most + 1, 9000)),
            _ => $"a{dice.Hex(Math.Clamp(dice.Int(8), Math.Max(0, least - 1), Math.Max(0, most - 1)))}",
        };
    }

    private string? Hint(string name) => name switch
    {
        "customerMasterKeyID" => FakeKms.Key,
        "keyVersionResourceID" => "projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
        "keyIdentifier" => "https://keys.vault.azure.net/keys/a/b",
        "iamAssumedRoleArn" => FakeKms.RoleArn,
        "subscriptionID" or "tenantID" or "clientID" or "tenantId" or "atlasAzureAppId" or "servicePrincipalId" => "11111111-2222-3333-4444-555555555555",
        "region" => dice.Of(["US_EAST_1", "US_EAST_2", "EUROPE_NORTH", "CENTRAL_US", "US_WEST_2"]),
        "regionName" => dice.Of(["US_EAST_1", "US_WEST_2", "EU_WEST_1"]),
        "instanceSize" or "instanceSizeName" => dice.Of(["M10", "M30", "R40"]),
        "cidrBlock" => dice.Of(["10.0.0.0/8", "192.168.1.0/24"]),
        "atlasCidrBlock" => "192.168.0.0/21",
        "ipAddress" => dice.Of(["10.0.0.1", "192.168.1.1"]),
        "mongoDBMajorVersion" => dice.Of(["8.0", "7.0"]),
        "roleId" => known.Of(dice, "/api/atlas/v2/groups/{groupId}/cloudProviderAccess"),
        "orgId" => known.Org,
        "eventTypeName" => dice.Of(["AWS_ENCRYPTION_KEY_INVALID", "AWS_ENCRYPTION_KEY_NEEDS_ROTATION", "CLUSTER_CREATED"]),
        "roles" or "roleNames" => dice.Of(["GROUP_OWNER", "GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER"]),
        _ => null,
    };
}
