using System.Text.Json;

namespace Ear.Local.Durable.History;

internal static class ActionJson
{
    public static void Write(Utf8JsonWriter writer, DurableAction action)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(Letter(action.Kind));
        writer.WriteNumberValue(action.Id);
        if (action.Kind == ActionKind.Timer)
        {
            writer.WriteNumberValue(action.FireAt);
        }
        else
        {
            writer.WriteStringValue(action.Name);
            HistoryJson.WritePayload(writer, action.Input);
            if (action.InstanceId is not null)
                writer.WriteStringValue(action.InstanceId);
        }

        writer.WriteEndArray();
    }

    public static DurableAction Read(JsonElement element)
    {
        var id = element[1].GetInt32();
        var letter = element[0].GetString();
        return letter switch
        {
            "A" => Named(ActionKind.Activity, id, element),
            "T" => new(ActionKind.Timer, id) { FireAt = element[2].GetInt64() },
            "O" => Named(ActionKind.SubOrchestration, id, element),
            "E" => Named(ActionKind.SendEvent, id, element),
            _ => throw new JsonException($"'{letter}' is no kind of step that this version of the engine knows."),
        };
    }

    private static DurableAction Named(ActionKind kind, int id, JsonElement element) => new(kind, id)
    {
        Name = element[2].GetString()!,
        Input = HistoryJson.ReadPayload(element[3]),
        InstanceId = element.GetArrayLength() > 4 ? element[4].GetString() : null,
    };

    private static ReadOnlySpan<byte> Letter(ActionKind kind) => kind switch
    {
        ActionKind.Activity => "A"u8,
        ActionKind.Timer => "T"u8,
        ActionKind.SubOrchestration => "O"u8,
        _ => "E"u8,
    };
}
