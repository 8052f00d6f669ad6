using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Local.Kms.Aws.Signing;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>KMS on the wire: JSON 1.1, the operation in X-Amz-Target, every refusal of the client's making HTTP 400.</summary>
internal sealed class KmsJson : IAwsProtocol
{
    public const string TargetPrefix = "TrentService.";
    private const string ContentType = "application/x-amz-json-1.1";

    private static readonly string[] Naming = ["KeyId", "SourceKeyId", "TargetKeyId", "AliasName"];

    private readonly KmsOperations operations;
    private readonly JsonElement? members;

    public KmsJson(KmsOperations operations, string target, byte[] body)
    {
        this.operations = operations;
        Operation = target.StartsWith(TargetPrefix, StringComparison.Ordinal) ? target[TargetPrefix.Length..] : target;
        members = Parse(body);
        Names = members is { } read ? NamesIn(read) : [];
    }

    public string Service => "kms";

    public string Operation { get; }

    public IReadOnlyList<string> Names { get; }

    public AwsAnswer Run(SignedBy signer, string requestId)
    {
        var run = operations.Find(Operation) ?? throw new AwsRefusal("UnknownOperationException", message: null);
        var request = new KmsRequest(members ?? throw new AwsRefusal("SerializationException", message: null), signer.Caller, signer.Region);
        return new AwsAnswer(200, ContentType, run(request).ToJsonString());
    }

    public AwsRefusal Refusal(SignatureRefusedException refused) => refused.Problem switch
    {
        SignatureProblem.Missing => new("MissingAuthenticationTokenException", refused.Message),
        SignatureProblem.Incomplete => new("IncompleteSignatureException", refused.Message),
        SignatureProblem.UnknownToken => new("UnrecognizedClientException", refused.Message),
        SignatureProblem.Expired => new("ExpiredTokenException", refused.Message),
        _ => new("InvalidSignatureException", refused.Message),
    };

    public AwsAnswer Error(AwsRefusal refusal, string requestId)
    {
        var body = new JsonObject { ["__type"] = refusal.Code };
        if (refusal.Text is not null)
            body["message"] = refusal.Text;
        return new AwsAnswer(refusal.Status, ContentType, body.ToJsonString());
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            // Reported by Run, when it is known who asks.
            return null;
        }
    }

    private static string? Text(JsonElement members, string name) =>
        members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Id and ARN of the key, from KeyId or from inside the ciphertext.</summary>
    private static List<string> NamesIn(JsonElement members)
    {
        if (Naming.Select(member => Text(members, member)).FirstOrDefault(text => text is not null) is { } text)
        {
            var at = text.LastIndexOf(":key/", StringComparison.Ordinal);
            return at < 0 ? [text] : [text[(at + 5)..], text];
        }
        return members.TryGetProperty("CiphertextBlob", out var value) && value.ValueKind == JsonValueKind.String &&
            value.TryGetBytesFromBase64(out var bytes) && CiphertextBlob.Parse(bytes) is { } blob
            ? [blob.KeyId]
            : [];
    }
}
