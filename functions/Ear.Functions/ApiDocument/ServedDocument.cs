using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ear.Functions.ApiDocument;

/// <summary>The document and its page as bytes, made once, when somebody first asks.</summary>
public sealed class ServedDocument
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lazy<(TaggedBytes Json, TaggedBytes Page)> made = new(Make);

    public TaggedBytes Json => made.Value.Json;

    public TaggedBytes Page => made.Value.Page;

    private static (TaggedBytes, TaggedBytes) Make()
    {
        var document = DocumentAssembler.OfApp(typeof(ServedDocument).Assembly).Document;
        return (TaggedBytes.Of(document.ToJsonString(Readable)), TaggedBytes.Of(ReferencePage.Of(document)));
    }
}

/// <param name="ETag">With its quotes.</param>
public sealed record TaggedBytes(ReadOnlyMemory<byte> Bytes, string ETag)
{
    public static TaggedBytes Of(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new TaggedBytes(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
    }
}
