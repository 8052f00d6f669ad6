using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Who asks.</summary>
internal enum Asker
{
    Owner,
    Organization,
    ReadOnly,
    ClusterManager,
    Stranger,

    /// <summary>Known, but without any role, in the organisation too.</summary>
    Roleless,
    Nobody,
}

/// <summary>One request: which operation, and the number from which all the rest follows.</summary>
internal sealed record Step(int Operation, uint Seed);

/// <param name="Twice">To be sent a second time, with its Idempotency-Key.</param>
internal sealed record Asking(DocumentedOperation Operation, Asker Asker, RawRequest Request, bool Twice)
{
    /// <summary>Who sent it did not prove who it is.</summary>
    public bool MustBeRefused { get; init; }
}

internal sealed class RequestMaker(Known own, Known other, Func<Asker, string> tokens, AgentRequests agents)
{
    /// <summary>All that is asked for: the document's operations, and the agents'.</summary>
    public static IReadOnlyList<DocumentedOperation> Operations { get; } = [.. OpenApi.Own.Operations, .. AgentRequests.Operations];

    private static readonly string[] NotDates = ["application/json", "*/*", "text/html", "application/vnd.atlas.2022-12-31+json", "application/vnd.atlas.2023-13-01+json", "application/vnd.atlas.+json", "application/vnd.atlas.9999-12-31+json", "application/vnd.atlas.preview+json", ",", ";q=", "application/vnd.atlas.2023-01-01+json;q=0, */*", "é"];
    private static readonly string[] Credentials = ["Bearer", "Bearer ", "Bearer a.b", "Bearer ..", "Basic", "Basic !!!", "Basic OnM=", "Digest", "Digest username=\"a\"", "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"/\", response=\"d\", qop=auth, nc=zz, cnonce=\"e\"", "Digest ,,,=\"", "x", "Bearer \u00e9", "Negotiate a"];
    private static readonly string[] Matches = ["*", "\"1\"", "\"0\"", "W/\"1\"", "1", "\"", "\"9223372036854775808\"", "\"1\", \"2\"", "", "\"é\""];
    private static readonly string[] Types = ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "", "application/vnd.atlas.2023-01-01+json; a=\"", "application/json;charset=utf-16", "APPLICATION/JSON", "application/vnd.atlas.1999-01-01+json"];

    public Asking Make(Step step)
    {
        var operation = Operations[step.Operation];
        var dice = new Dice(step.Seed);
        if (AgentRequests.IsOne(operation))
            return agents.Make(operation, dice);
        var asker = dice.Int(20) switch { < 10 => Asker.Owner, < 12 => Asker.Organization, < 14 => Asker.ReadOnly, < 16 => Asker.ClusterManager, < 18 => Asker.Stranger, 18 => Asker.Roleless, _ => Asker.Nobody };
        // A stranger looks at this project, or changes its own.
        var foreign = asker is not Asker.Stranger ? dice.Chance(8) : dice.Chance(30);
        var headers = new List<(string Name, string Value)> { ("Accept", Type(operation, dice)) };
        if (operation.Path.StartsWith("/api/oauth/", StringComparison.Ordinal) && dice.Chance(70))
            headers.Add(("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(FuzzWorld.Client + dice.Of([":s", ":S", "", ":", ":s:"])))}"));
        else if (asker is not Asker.Nobody)
            headers.Add(("Authorization", $"Bearer {tokens(asker)}"));
        else if (dice.Chance(60))
            headers.Add(("Authorization", dice.Of(Credentials)));
        if (dice.Chance(4))
            headers.Add(("If-Match", dice.Of(Matches)));
        var posts = operation.Method == "post";
        var twice = posts && dice.Chance(20);
        if (twice || dice.Chance(3))
            headers.Add(("Idempotency-Key", dice.Chance(95) ? $"k{dice.Int(1 << 20)}" : dice.Of(["", "é", new string('k', 256), "a b", "k"])));
        var target = Path(operation, foreign ? other : own, dice) + Query(operation, dice);
        var body = Body(operation, dice, headers);
        return new Asking(operation, asker, new RawRequest(operation.Method.ToUpperInvariant(), target, headers, body), twice);
    }

    private static string Type(DocumentedOperation operation, Dice dice)
        => dice.Chance(90) && operation.IsVersioned ? $"application/vnd.atlas.{dice.Of(operation.Versions)}+json" : dice.Chance(50) ? "application/vnd.atlas.2025-03-12+json" : dice.Of(NotDates);

    private string Path(DocumentedOperation operation, Known things, Dice dice)
    {
        var segments = operation.Path.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (!segments[i].StartsWith('{'))
                continue;
            var collection = string.Join('/', operation.Path.Split('/').Take(i));
            segments[i] = dice.Int(100) switch
            {
                < 88 => Escaped(things.Of(dice, collection) ?? Common(segments[i], dice)),
                < 91 => Escaped((things == own ? other : own).Of(dice, collection) ?? dice.Hex(24)),
                < 94 => dice.Hex(24),
                < 95 => new string('a', dice.Of([65, 300, 4000])),
                _ => dice.Of(Words.Segments),
            };
        }
        return string.Join('/', segments);
    }

    private static string Common(string parameter, Dice dice) => parameter is "{cloudProvider}" ? dice.Of(["AWS", "AZURE", "GCP"]) : dice.Hex(24);

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    private static string Query(DocumentedOperation operation, Dice dice)
    {
        var pairs = new List<string>();
        foreach (var parameter in (operation.Text["parameters"] as JsonArray ?? []).Select(p => OpenApi.Own.Resolved(p!)).Where(p => p["in"]!.GetValue<string>() == "query"))
        {
            if (!dice.Chance(12))
                continue;
            var name = parameter["name"]!.GetValue<string>();
            var schema = OpenApi.Own.Resolved(parameter["schema"] ?? new JsonObject());
            pairs.Add($"{name}={Escaped(Good(schema, dice))}");
        }
        if (dice.Chance(3))
            pairs.Add(dice.Of(["unknown=1", "=", "&&", "a[]=1", "envelope=true&envelope=false", "pretty", "%FF=%00", "itemsPerPage=1e9"]));
        return pairs.Count == 0 ? "" : $"?{string.Join('&', pairs)}";
    }

    private static string Good(JsonNode schema, Dice dice)
    {
        if (dice.Chance(25))
            return dice.Chance(50) ? dice.Of(Words.Numbers) : dice.Of(Words.Texts);
        var (of, items) = (schema["type"]?.GetValue<string>(), schema["items"]);
        if (of == "array" && items is not null)
            return Good(OpenApi.Own.Resolved(items), dice);
        if (schema["enum"] is JsonArray choices)
            return dice.Of([.. choices])!.ToString();
        return of switch
        {
            "boolean" => dice.Of(["true", "false"]),
            "integer" or "number" => dice.Of(["1", "2", "100", "500"]),
            _ => dice.Of(["2026-02-01T00:00:00Z", "a", "OPEN", "CLUSTER_CREATED", "US_EAST_1"]),
        };
    }

    private byte[]? Body(DocumentedOperation operation, Dice dice, List<(string, string)> headers)
    {
        if (operation.Text["requestBody"]?["content"] is not JsonObject content)
            return dice.Chance(2) ? "{\"a\":1}"u8.ToArray() : null;
        var asked = headers[0].Item2;
        var (type, media) = content.FirstOrDefault(c => c.Key == asked) is { Key: not null } same ? same : dice.Of([.. content]);
        headers.Add(("Content-Type", dice.Chance(80) ? type : dice.Chance(60) ? "application/json" : dice.Of(Types)));
        if (type == "application/x-www-form-urlencoded")
            return Encoding.UTF8.GetBytes(dice.Of(["grant_type=client_credentials", "token=a.b", "grant_type=", "a", "%zz=%FF", "&&=&", "grant_type=client_credentials&grant_type=x", ""]));
        return new BodyMaker(dice, own).Make(operation.Id, media!["schema"]!);
    }
}
