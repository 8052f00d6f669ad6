using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Http.Requests;

/// <summary>Reads bodies within their limits.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Only what every text in it can be read from: neither bytes that are no UTF-8 nor half a surrogate pair gets past here, because later each would be an exception.</summary>
    internal static Outcome<JsonObject> Parse(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
            return new Problem.MalformedBody("The body is not valid UTF-8.");
        try
        {
            if (bytes.AsSpan().Contains((byte)'\\') && !EscapesAreText(bytes))
                return new Problem.MalformedBody("A string in the body holds half of a surrogate pair.");
            return JsonNode.Parse(bytes, documentOptions: Strict) is JsonObject body ? body : new Problem.MalformedBody("The body is not a JSON object.");
        }
        catch (JsonException fault)
        {
            return new Problem.MalformedBody($"Line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: not valid JSON, a name twice in one object, or nested deeper than {Strict.MaxDepth} levels.");
        }
    }

    private static bool EscapesAreText(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped)
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Null: more than the limit; the rest is left to the server, which closes the connection.</summary>
    public static async Task<byte[]?> ReadBytesAsync(HttpRequest request, int limitBytes, CancellationToken cancellation)
    {
        if (request.ContentLength > limitBytes)
            return null;
        using var bytes = new MemoryStream((int)(request.ContentLength ?? 0));
        var buffer = new byte[16384];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (bytes.Length + read > limitBytes)
                return null;
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    /// <summary>Reads a body away before a refusal, because Digest clients send it twice and some do not read an answer before it is out (§2.0.1).</summary>
    public static async Task DrainAsync(HttpRequest request, int limitBytes, CancellationToken cancellation)
    {
        if (request.ContentLength is 0 or null && !request.Headers.ContainsKey("Transfer-Encoding"))
            return;
        var buffer = new byte[16384];
        int read;
        for (var left = limitBytes; left > 0 && (read = await request.Body.ReadAsync(buffer, cancellation)) > 0;)
            left -= read;
    }
}
