using System.Text.RegularExpressions;

namespace Ear.CustomerKeys;

/// <summary>
/// Whether what somebody gives back as a <see cref="WrappedKey"/> could have come from its provider. Names of keys become addresses of services: no other host than a
/// provider's may be called because of one.
/// </summary>
public static partial class WrappedKeyForm
{
    /// <summary>Four times what the largest of them is (RSA 4096: 512 bytes).</summary>
    private const int MostBytes = 2048;

    public static bool IsMet(WrappedKey key)
        => key.Ciphertext is { Length: > 0 and <= MostBytes } && Version().IsMatch(key.KeyVersion) && key.Provider switch
        {
            KeyProvider.Aws => Aws().IsMatch(key.KeyIdentifier),
            KeyProvider.Azure => Azure().IsMatch(key.KeyIdentifier),
            KeyProvider.Gcp => Google().IsMatch(key.KeyIdentifier),
            _ => false,
        };

    [GeneratedRegex(@"\A[A-Za-z0-9-]{0,128}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex(@"\A(?:arn:aws[a-z-]{0,10}:kms:[a-z0-9-]{1,30}:[0-9]{12}:key/)?[A-Za-z0-9-]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Aws();

    // Which hosts may be called is the provider's own check.
    [GeneratedRegex(@"\Ahttps://[a-zA-Z0-9.-]{1,253}(?::[0-9]{1,5})?/keys/[a-zA-Z0-9-]{1,127}/[0-9a-fA-F]{32}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Azure();

    [GeneratedRegex(
        @"\Aprojects/[a-zA-Z0-9.:-]{1,128}/locations/[a-z0-9-]{1,40}/keyRings/[a-zA-Z0-9_-]{1,63}/cryptoKeys/[a-zA-Z0-9_-]{1,63}(?:/cryptoKeyVersions/[0-9]{1,19})?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Google();
}
