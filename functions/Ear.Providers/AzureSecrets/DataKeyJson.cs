using System.Text.Json.Serialization;

namespace Ear.Providers.AzureSecrets;

[JsonSerializable(typeof(WrappedDataKey))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DataKeyJson : JsonSerializerContext;
