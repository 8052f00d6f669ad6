using System.Buffers;
using System.Text.Json;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.History;

/// <summary>
/// Compact JSON of what is kept: a turn is <c>[time,[told…],[decided…]]</c>, a message <c>["C",step,result]</c>, an action <c>["A",step,name,input]</c>.
/// Payloads are JSON already and are embedded as they are.
/// </summary>
internal static class HistoryJson
{
    private const int KeptBuffer = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static byte[] Write(HistoryTurn turn)
    {
        var writer = Begin();
        writer.WriteStartArray();
        writer.WriteNumberValue(turn.Time);
        writer.WriteStartArray();
        foreach (var message in turn.Told)
            MessageJson.Write(writer, message);
        writer.WriteEndArray();
        writer.WriteStartArray();
        foreach (var action in turn.Decided)
            ActionJson.Write(writer, action);
        writer.WriteEndArray();
        writer.WriteEndArray();
        return End(writer);
    }

    public static HistoryTurn ReadTurn(byte[] data)
    {
        using var document = JsonDocument.Parse(data);
        var root = document.RootElement;
        return new(
            root[0].GetInt64(),
            [.. root[1].EnumerateArray().Select(MessageJson.Read)],
            [.. root[2].EnumerateArray().Select(ActionJson.Read)]);
    }

    public static byte[] Write(Message message)
    {
        var writer = Begin();
        MessageJson.Write(writer, message);
        return End(writer);
    }

    public static Message ReadMessage(byte[] data)
    {
        using var document = JsonDocument.Parse(data);
        return MessageJson.Read(document.RootElement);
    }

    public static string Write(TaskFailureDetails failure) => JsonSerializer.Serialize(failure);

    public static TaskFailureDetails ReadFailure(string data) => JsonSerializer.Deserialize<TaskFailureDetails>(data)!;

    internal static void WritePayload(Utf8JsonWriter writer, string? payload)
    {
        if (payload is null)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(payload, skipInputValidation: true);
    }

    internal static string? ReadPayload(JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? null : element.GetRawText();

    private static Utf8JsonWriter Begin()
    {
        if (_buffer is null || _buffer.Capacity > KeptBuffer)
            (_buffer, _writer) = (new ArrayBufferWriter<byte>(1024), null);
        _buffer.ResetWrittenCount();
        _writer ??= new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
        _writer.Reset(_buffer);
        return _writer;
    }

    private static byte[] End(Utf8JsonWriter writer)
    {
        writer.Flush();
        return _buffer!.WrittenSpan.ToArray();
    }
}
