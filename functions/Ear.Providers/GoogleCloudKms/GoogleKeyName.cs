namespace Ear.Providers.GoogleCloudKms;

/// <summary>
/// <c>projects/P/locations/L/keyRings/R/cryptoKeys/K[/cryptoKeyVersions/N]</c>. Checked where the configuration was taken; here a malformed one is a bug.
/// </summary>
/// <param name="Key">Without the version.</param>
/// <param name="Version">Empty: the key.</param>
internal sealed record GoogleKeyName(string Project, string Location, string Key, string Version)
{
    private const string Versions = "/cryptoKeyVersions/";

    public string Full => Version.Length == 0 ? Key : Key + Versions + Version;

    public static GoogleKeyName Parse(string name) => name.Split('/') switch
    {
        ["projects", { Length: > 0 } project, "locations", { Length: > 0 } location, "keyRings", { Length: > 0 }, "cryptoKeys", { Length: > 0 }, .. var rest] =>
            rest is [] ? new(project, location, name, "")
            : rest is ["cryptoKeyVersions", { Length: > 0 } version] ? new(project, location, name[..name.IndexOf(Versions, StringComparison.Ordinal)], version)
            : throw Malformed(nameof(name)),
        _ => throw Malformed(nameof(name)),
    };

    private static ArgumentException Malformed(string parameter) => new("Not the name of a key in Google Cloud KMS.", parameter);
}
