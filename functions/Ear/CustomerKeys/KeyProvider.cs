namespace Ear.CustomerKeys;

/// <summary>Who keeps a customer's key. Atlas's words for them: AWS, AZURE, GCP.</summary>
public enum KeyProvider
{
    Aws,
    Azure,
    Gcp,
}

public static class KeyProviders
{
    public static string AtlasName(this KeyProvider provider) => provider switch
    {
        KeyProvider.Aws => "AWS",
        KeyProvider.Azure => "AZURE",
        KeyProvider.Gcp => "GCP",
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
    };

    public static KeyProvider? FromAtlasName(string text) => text switch
    {
        "AWS" => KeyProvider.Aws,
        "AZURE" => KeyProvider.Azure,
        "GCP" => KeyProvider.Gcp,
        _ => null,
    };
}
