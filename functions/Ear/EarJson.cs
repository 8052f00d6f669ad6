using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ear;

/// <summary>How Ear writes its own documents, its agent messages and its orchestration inputs: camelCase, enums as names, nulls left out.</summary>
public static class EarJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            MaxDepth = 32,
            Converters = { new JsonStringEnumConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
