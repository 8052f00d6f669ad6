using System.Text.Json;

namespace Ear.Agent.Storage;

/// <summary>One document in one file: replaced whole and flushed before <see cref="Save"/> returns.</summary>
internal sealed class JsonFile<T>(string path)
    where T : class
{
    public T? Load()
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), EarJson.Options)
                ?? throw new InvalidDataException($"{path} holds no document.");
        }
        catch (JsonException exception)
        {
            // Files are replaced whole, so this is damage from outside; going on without would forget goals and fences.
            throw new InvalidDataException($"{path} is damaged ({exception.Message}). Restore it, or remove the node in the control plane and enrol it anew.", exception);
        }
    }

    public void Save(T document) => PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, EarJson.Options));
}
