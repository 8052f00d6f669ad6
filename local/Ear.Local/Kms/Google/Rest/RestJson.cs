using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;

namespace Ear.Local.Kms.Google.Rest;

/// <summary>Messages as Google's REST has them: lowerCamelCase, int64 as strings, bytes in either base64 alphabet (spec kms §1.3).</summary>
internal static class RestJson
{
    private static readonly TypeRegistry DetailTypes = TypeRegistry.FromMessages(ErrorInfo.Descriptor, PreconditionFailure.Descriptor);
    private static readonly JsonFormatter Names = new(JsonFormatter.Settings.Default.WithTypeRegistry(DetailTypes));
    private static readonly JsonFormatter Numbers = new(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true).WithTypeRegistry(DetailTypes));
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static string Write(IMessage message, bool enumsAsNumbers) => (enumsAsNumbers ? Numbers : Names).Format(message);

    public static T Read<T>(byte[] body, MessageDescriptor descriptor)
        where T : IMessage, new()
    {
        if (body.Length == 0)
            return new T();
        try
        {
            var parsed = JsonNode.Parse(Encoding.UTF8.GetString(body));
            // What Google's own REST clients send for a body that was left out: null, or a text of nothing.
            if (parsed is null || (parsed is JsonValue left && left.TryGetValue<string>(out var text) && text.Length == 0))
                return new T();
            if (parsed is not JsonObject json)
                throw GoogleRefusal.Invalid("Invalid JSON payload received. Expected an object.");
            UseStandardBase64(json, descriptor);
            return Parser.Parse<T>(json.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or InvalidJsonException or InvalidProtocolBufferException or FormatException)
        {
            throw GoogleRefusal.Invalid("Invalid JSON payload received. It does not have the form of this request.");
        }
    }

    /// <summary>The parser takes the standard alphabet with padding only; Python's clients and gcloud send the other one.</summary>
    private static void UseStandardBase64(JsonObject json, MessageDescriptor descriptor)
    {
        foreach (var (name, value) in json.ToList())
        {
            var field = descriptor.FindFieldByName(name) ?? descriptor.Fields.InDeclarationOrder().FirstOrDefault(f => f.JsonName == name);
            if (field is { IsMap: false, IsRepeated: false, FieldType: FieldType.Bytes } && value is JsonValue text && text.TryGetValue<string>(out var base64))
                json[name] = Standard(base64);
            else if (field is { IsMap: false, IsRepeated: false, FieldType: FieldType.Message } && value is JsonObject inner)
                UseStandardBase64(inner, field.MessageType);
        }
    }

    private static string Standard(string base64)
    {
        var standard = base64.Replace('-', '+').Replace('_', '/');
        return standard.PadRight((standard.Length + 3) / 4 * 4, '=');
    }
}
