using System.Text.Json;

namespace Ear.Mongod.Logging;

/// <summary>
/// Writes mongod's structured log, one JSON object a line. Attributes are host names, ids, counts and reasons:
/// never a document and never key material.
/// </summary>
internal sealed class ServerLog : IDisposable
{
    // As mongod writes it: quotes and plus signs stay readable for people and for grep.
    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Stream _out;

    public ServerLog(TimeProvider time, string? path, bool append)
    {
        _time = time;
        _out = path is null
            ? Console.OpenStandardOutput()
            : new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    public void Info(string component, int id, string message, params ReadOnlySpan<(string Name, object? Value)> attributes) => Write("I", component, id, message, attributes);

    public void Warning(string component, int id, string message, params ReadOnlySpan<(string Name, object? Value)> attributes) => Write("W", component, id, message, attributes);

    public void Error(string component, int id, string message, params ReadOnlySpan<(string Name, object? Value)> attributes) => Write("E", component, id, message, attributes);

    public void Fatal(string component, int id, string message, params ReadOnlySpan<(string Name, object? Value)> attributes) => Write("F", component, id, message, attributes);

    private void Write(string severity, string component, int id, string message, ReadOnlySpan<(string Name, object? Value)> attributes)
    {
        var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteStartObject("t");
            json.WriteString("$date", _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'"));
            json.WriteEndObject();
            json.WriteString("s", severity);
            json.WriteString("c", component);
            json.WriteNumber("id", id);
            json.WriteString("ctx", "main");
            json.WriteString("msg", message);
            if (!attributes.IsEmpty)
            {
                json.WriteStartObject("attr");
                foreach (var (name, value) in attributes) WriteAttribute(json, name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        lock (_gate)
        {
            _out.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            _out.Flush();
        }
    }

    private static void WriteAttribute(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool b: json.WriteBoolean(name, b); break;
            case int n: json.WriteNumber(name, n); break;
            case long n: json.WriteNumber(name, n); break;
            case double n: json.WriteNumber(name, n); break;
            default: json.WriteString(name, value.ToString()); break;
        }
    }

    public void Dispose() => _out.Dispose();
}
