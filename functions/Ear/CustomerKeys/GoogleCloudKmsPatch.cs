using System.Text.Json;
using System.Text.RegularExpressions;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

public sealed partial record GoogleCloudKmsPatch(bool? Enabled, string? KeyVersionResourceId, RoleId? RoleId, SecretText? ServiceAccountKey) : KeyPatch(Enabled)
{
    private const string Block = "googleCloudKms";
    private static readonly string[] GooglesTokenUris = ["https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token"];

    public override KeyProvider Provider => KeyProvider.Gcp;

    public override SecretText? Secret => ServiceAccountKey;

    public override Outcome<KeySettings> MergeInto(KeySettings? current, KeyPatchTerms terms)
    {
        var now = current as GoogleCloudKmsSettings;
        if (now is null && Enabled is null)
            return new Problem.MissingField($"{Block}.enabled");
        if ((KeyVersionResourceId ?? now?.KeyVersionResourceId) is not { } version)
            return new Problem.MissingField($"{Block}.keyVersionResourceID");
        if (!VersionName().IsMatch(version))
            return new Problem.InvalidField($"{Block}.keyVersionResourceID", "projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N, the version included.");
        // A role takes the place of the key file, for good (R20).
        if ((RoleId ?? now?.RoleId) is { } role)
            return ServiceAccountKey is null
                ? new GoogleCloudKmsSettings(version, null, role)
                : new Problem.InvalidField($"{Block}.serviceAccountKey", "A role is used, which needs no key; there is no way back to a key.");
        if (ServiceAccountKey is null)
            return now?.SecretName is { } kept ? new GoogleCloudKmsSettings(version, kept, null) : new Problem.MissingField($"{Block}.serviceAccountKey");
        return KeyFault(ServiceAccountKey.Reveal(), terms.Addresses) is { } words
            ? new Problem.GoogleCredentialsMalformed(words)
            : new GoogleCloudKmsSettings(version, terms.SecretName, null);
    }

    /// <returns>What is wrong with the document, never a part of it; null: it is a service-account key.</returns>
    private static string? KeyFault(string json, KeyAddresses addresses)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
                return "Must be the JSON document of a service-account key, as a string.";
            if (Text(document, "type") != "service_account")
                return "The document's type must be service_account.";
            if (new[] { "client_email", "private_key", "token_uri" }.FirstOrDefault(f => string.IsNullOrEmpty(Text(document, f))) is { } missing)
                return $"The document has no {missing}.";
            return GooglesTokenUris.Concat(addresses.TokenUris).Contains(Text(document, "token_uri"), StringComparer.Ordinal)
                ? null
                : "The document's token_uri is not Google's: https://oauth2.googleapis.com/token.";
        }
        catch (JsonException)
        {
            // Its text would quote the document.
            return "Must be the JSON document of a service-account key, as a string.";
        }
    }

    private static string? Text(JsonDocument document, string field)
        => document.RootElement.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(
        @"\Aprojects/[a-z0-9.:-]{4,64}/locations/[a-z0-9-]{1,63}/keyRings/[a-zA-Z0-9_-]{1,63}/cryptoKeys/[a-zA-Z0-9_-]{1,63}/cryptoKeyVersions/[0-9]{1,9}\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionName();
}
