namespace Ear.Providers.GoogleCloudKms;

/// <summary>A credential that cannot be used. Its words never quote the document.</summary>
internal sealed class GoogleCredentialException(string code, string words, Exception? inner = null) : Exception(words, inner)
{
    public const string Missing = "missing_secret";
    public const string Unusable = "unusable_key";

    public string Code => code;
}
