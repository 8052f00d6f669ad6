using System.Text.Json;

namespace Ear.Local.Durable.History;

internal static class MessageJson
{
    public static void Write(Utf8JsonWriter writer, Message message)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(Letter(message.Kind));
        switch (message.Kind)
        {
            case MessageKind.Completed:
                writer.WriteNumberValue(message.TaskId);
                HistoryJson.WritePayload(writer, message.Payload);
                break;
            case MessageKind.Failed:
                writer.WriteNumberValue(message.TaskId);
                HistoryJson.WritePayload(writer, HistoryJson.Write(message.Failure!));
                break;
            case MessageKind.TimerFired:
                writer.WriteNumberValue(message.TaskId);
                break;
            case MessageKind.Terminate:
                writer.WriteBooleanValue(message.Recursive);
                HistoryJson.WritePayload(writer, message.Payload);
                break;
            default:
                writer.WriteStringValue(message.Name);
                HistoryJson.WritePayload(writer, message.Payload);
                break;
        }

        writer.WriteEndArray();
    }

    public static Message Read(JsonElement element)
    {
        var letter = element[0].GetString();
        return letter switch
        {
            "C" => new(MessageKind.Completed) { TaskId = element[1].GetInt32(), Payload = HistoryJson.ReadPayload(element[2]) },
            "F" => new(MessageKind.Failed) { TaskId = element[1].GetInt32(), Failure = HistoryJson.ReadFailure(element[2].GetRawText()) },
            "T" => new(MessageKind.TimerFired) { TaskId = element[1].GetInt32() },
            "E" => Named(MessageKind.EventRaised, element),
            "S" => Named(MessageKind.Suspend, element),
            "R" => Named(MessageKind.Resume, element),
            "K" => new(MessageKind.Terminate) { Recursive = element[1].GetBoolean(), Payload = HistoryJson.ReadPayload(element[2]) },
            _ => throw new JsonException($"'{letter}' is no kind of message that this version of the engine knows."),
        };
    }

    private static Message Named(MessageKind kind, JsonElement element) =>
        new(kind) { Name = element[1].GetString(), Payload = HistoryJson.ReadPayload(element[2]) };

    private static ReadOnlySpan<byte> Letter(MessageKind kind) => kind switch
    {
        MessageKind.Completed => "C"u8,
        MessageKind.Failed => "F"u8,
        MessageKind.TimerFired => "T"u8,
        MessageKind.EventRaised => "E"u8,
        MessageKind.Suspend => "S"u8,
        MessageKind.Resume => "R"u8,
        _ => "K"u8,
    };
}
