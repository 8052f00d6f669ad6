using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>A part of a copy in the making: rows as lines, compressed, in memory, since a blob that may only be added is added whole.</summary>
internal sealed class PartFile : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly GZipStream _zip;
    // Between the two: a writer on a stream flushes it with each row, and so spoils what the compressor can do.
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;

    public PartFile()
    {
        _zip = new(_bytes, CompressionLevel.Optimal, leaveOpen: true);
        _json = new(_line);
    }

    public long Rows { get; private set; }

    /// <summary>Compressed, so far; a few more are in the compressor.</summary>
    public long Bytes => _bytes.Length;

    public void Add(TableEntity row, byte[]? blob)
    {
        RowLine.Write(_json, row, blob);
        _json.Flush();
        _json.Reset();
        _zip.Write(_line.WrittenSpan);
        _line.ResetWrittenCount();
        _zip.WriteByte((byte)'\n');
        Rows++;
    }

    /// <summary>The whole part, from its beginning; belongs to this file.</summary>
    public (Stream Content, string Sha256) Close()
    {
        _zip.Dispose();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(_bytes.GetBuffer().AsSpan(0, (int)_bytes.Length)));
        _bytes.Position = 0;
        return (_bytes, sha256);
    }

    public void Dispose()
    {
        _json.Dispose();
        _zip.Dispose();
        _bytes.Dispose();
    }
}
