using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ear.Functions.Http.Answers;

/// <summary>What a door answers when all went well: one object, a list, or nothing.</summary>
public abstract record Reply(int Status)
{
    /// <summary>Of the document that it shows, told as ETag; null for what has none.</summary>
    public long? Version { get; init; }

    /// <summary>Within the braces of the answer or its envelope; the status is the envelope's.</summary>
    internal abstract void Write(Utf8JsonWriter json, bool envelope);

    public static Reply Ok<T>(T body, JsonTypeInfo<T> type) => new OneReply<T>(200, body, type);

    public static Reply Created<T>(T body, JsonTypeInfo<T> type) => new OneReply<T>(201, body, type);

    /// <summary>202 with <c>{}</c> (C20).</summary>
    public static Reply Accepted() => new AcceptedReply();

    /// <summary>202 with what was taken on.</summary>
    public static Reply Accepted<T>(T body, JsonTypeInfo<T> type) => new OneReply<T>(202, body, type);

    /// <summary>204 without a body (C20).</summary>
    public static Reply Nothing() => new NoReply();

    public static Reply List<T>(IReadOnlyList<T> page, JsonTypeInfo<T> type, IReadOnlyList<Link> links, int? totalCount)
        => new ListReply<T>(page, type, links, totalCount);

    private sealed record OneReply<T>(int Status, T Body, JsonTypeInfo<T> Type) : Reply(Status)
    {
        internal override void Write(Utf8JsonWriter json, bool envelope)
        {
            if (envelope)
            {
                json.WriteStartObject();
                json.WriteNumber("status", Status);
                json.WritePropertyName("content");
            }
            JsonSerializer.Serialize(json, Body, Type);
            if (envelope)
                json.WriteEndObject();
        }
    }

    private sealed record ListReply<T>(IReadOnlyList<T> Page, JsonTypeInfo<T> Type, IReadOnlyList<Link> Links, int? TotalCount) : Reply(200)
    {
        internal override void Write(Utf8JsonWriter json, bool envelope)
        {
            json.WriteStartObject();
            json.WritePropertyName("links");
            JsonSerializer.Serialize(json, Links, AnswerJson.Default.IReadOnlyListLink);
            json.WriteStartArray("results");
            foreach (var item in Page)
                JsonSerializer.Serialize(json, item, Type);
            json.WriteEndArray();
            if (TotalCount is { } count)
                json.WriteNumber("totalCount", count);
            if (envelope)
                json.WriteNumber("status", Status);
            json.WriteEndObject();
        }
    }

    private sealed record AcceptedReply() : Reply(202)
    {
        internal override void Write(Utf8JsonWriter json, bool envelope)
        {
            json.WriteStartObject();
            if (envelope)
            {
                json.WriteNumber("status", Status);
                json.WriteStartObject("content");
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
    }

    private sealed record NoReply() : Reply(204)
    {
        internal override void Write(Utf8JsonWriter json, bool envelope)
        {
        }
    }
}

public sealed record Link(string Href, string Rel);
