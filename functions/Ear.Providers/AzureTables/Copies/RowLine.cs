using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>
/// A row as a line of JSON: <c>{"p":partition,"r":row,"v":{name:[type,value]},"b":content}</c>. The type is the EDM type, so that a row comes back as it was: a number that
/// was 64 bits wide is so again. <c>b</c> is what lies in the blob that the row names, base64.
/// </summary>
internal sealed record RowLine(TableEntity Row, byte[]? Blob)
{
    // What the service itself adds to a row.
    private static readonly string[] OfTheService = ["PartitionKey", "RowKey", "Timestamp", "odata.etag"];

    public static void Write(Utf8JsonWriter json, TableEntity row, byte[]? blob)
    {
        json.WriteStartObject();
        json.WriteString("p", row.PartitionKey);
        json.WriteString("r", row.RowKey);
        json.WriteStartObject("v");
        foreach (var (name, value) in row.Where(p => p.Value is not null && !OfTheService.Contains(p.Key)))
        {
            var (type, text) = Told(name, value);
            json.WriteStartArray(name);
            json.WriteStringValue(type);
            json.WriteStringValue(text);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        if (blob is not null)
            json.WriteBase64String("b", blob);
        json.WriteEndObject();
    }

    /// <exception cref="JsonException">Not a line that <see cref="Write"/> has written.</exception>
    public static RowLine Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var row = new TableEntity(root.GetProperty("p").GetString(), root.GetProperty("r").GetString());
            foreach (var property in root.GetProperty("v").EnumerateObject())
                row[property.Name] = Value(property.Value[0].GetString()!, property.Value[1].GetString()!);
            return new(row, root.TryGetProperty("b", out var blob) ? blob.GetBytesFromBase64() : null);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentNullException or OverflowException)
        {
            throw new JsonException("The line is not a row of a table.", e);
        }
    }

    private static (string Type, string Text) Told(string name, object value) => value switch
    {
        string text => ("Edm.String", text),
        byte[] bytes => ("Edm.Binary", Convert.ToBase64String(bytes)),
        BinaryData bytes => ("Edm.Binary", Convert.ToBase64String(bytes)),
        long number => ("Edm.Int64", number.ToString(CultureInfo.InvariantCulture)),
        int number => ("Edm.Int32", number.ToString(CultureInfo.InvariantCulture)),
        bool yes => ("Edm.Boolean", yes ? "true" : "false"),
        double number => ("Edm.Double", number.ToString("R", CultureInfo.InvariantCulture)),
        DateTimeOffset time => ("Edm.DateTime", time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)),
        Guid id => ("Edm.Guid", id.ToString()),
        _ => throw new StoreException($"A row has a property {name} of type {value.GetType().Name}, which no table can hold."),
    };

    private static object Value(string type, string text) => type switch
    {
        "Edm.String" => text,
        "Edm.Binary" => Convert.FromBase64String(text),
        "Edm.Int64" => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        "Edm.Int32" => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        "Edm.Boolean" => text == "true",
        "Edm.Double" => double.Parse(text, CultureInfo.InvariantCulture),
        "Edm.DateTime" => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        "Edm.Guid" => Guid.Parse(text),
        _ => throw new FormatException($"The type {type} is none of a table's."),
    };
}
