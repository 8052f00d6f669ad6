using System.Security.Cryptography;
using System.Text.Json;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>
/// A service-account key as Google gives it out. A customer wrote it, so it is data and never a way to go: of Google's kinds of credentials only this one
/// is taken (others name commands and addresses to fetch from), and its token_uri must be one that Ear would ask anyway.
/// </summary>
internal sealed record ServiceAccountDocument(string Email, string KeyId, RSA Key) : IDisposable
{
    private static readonly string[] GooglesTokenUris =
        ["https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token"];

    /// <param name="json">UTF-8.</param>
    /// <param name="local">Another token address that the operator allows.</param>
    /// <exception cref="GoogleCredentialException">Not usable. Its words hold nothing of the document.</exception>
    public static ServiceAccountDocument Parse(ReadOnlyMemory<byte> json, Uri? local)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            if (Text(document, "type") != "service_account")
                throw Unusable("its type is not service_account");
            if (Text(document, "token_uri") is not { } uri || !(GooglesTokenUris.Contains(uri, StringComparer.Ordinal) || IsLocal(uri, local)))
                throw Unusable("its token_uri is not Google's");
            if (Text(document, "client_email") is not { Length: > 0 } email)
                throw Unusable("it has no client_email");
            return new(email, Text(document, "private_key_id") ?? "", KeyOf(Text(document, "private_key") ?? ""));
        }
        catch (JsonException)
        {
            // Its text would quote the document.
            throw Unusable("it is not a JSON object");
        }
    }

    public void Dispose() => Key.Dispose();

    public override string ToString() => $"a key of {Email}";

    private static RSA KeyOf(string pem)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            // Also refuses the public half alone.
            _ = key.SignHash(new byte[32], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Unusable("its private_key is not an RSA key in PEM");
        }
    }

    private static bool IsLocal(string uri, Uri? local) => local is not null && Uri.TryCreate(uri, UriKind.Absolute, out var named) && named == local;

    private static string? Text(JsonDocument document, string field) =>
        document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    private static GoogleCredentialException Unusable(string words) => new(GoogleCredentialException.Unusable, words);
}
