using System.Text.RegularExpressions;

namespace Ear.Local.Kms.Google;

/// <summary>Named as in Google's texts ("CryptoKey … not found.").</summary>
internal enum ResourceKind
{
    Project,
    Location,
    KeyRing,
    CryptoKey,
    CryptoKeyVersion,
}

/// <summary><c>projects/*/locations/*/keyRings/*/cryptoKeys/*/cryptoKeyVersions/*</c>, or the beginning of it.</summary>
internal sealed partial record ResourceName
{
    private static readonly string[] Collections = ["projects", "locations", "keyRings", "cryptoKeys", "cryptoKeyVersions"];

    private readonly string[] ids;

    private ResourceName(string[] ids) => this.ids = ids;

    public ResourceKind Kind => (ResourceKind)(ids.Length - 1);

    public string Id => ids[^1];

    public string Project => ids[0];

    public ResourceName Parent => new(ids[..^1]);

    /// <summary>The key of a version; a key itself.</summary>
    public ResourceName Key => Kind == ResourceKind.CryptoKeyVersion ? Parent : this;

    /// <summary>Itself first, the project last: where IAM looks for bindings.</summary>
    public IEnumerable<string> Ancestry => Enumerable.Range(0, ids.Length).Select(up => new ResourceName(ids[..^up]).ToString());

    public static ResourceName OfProject(string project) => new([project]);

    public ResourceName Child(string id) => new([.. ids, id]);

    /// <exception cref="GoogleRefusal">INVALID_ARGUMENT when it is not the name of one of these kinds.</exception>
    public static ResourceName Parse(string name, params ReadOnlySpan<ResourceKind> kinds)
    {
        var parsed = TryParse(name);
        return parsed is not null && kinds.Contains(parsed.Kind)
            ? parsed
            : throw GoogleRefusal.Invalid($"Resource name [{name}] is not the name of a {string.Join(" or ", kinds.ToArray())}.");
    }

    public static ResourceName? TryParse(string name)
    {
        var segments = name.Split('/');
        if (segments.Length % 2 != 0 || segments.Length > 2 * Collections.Length)
            return null;
        for (var i = 0; i < segments.Length; i++)
            if (i % 2 == 0 ? segments[i] != Collections[i / 2] : segments[i].Length == 0)
                return null;
        return new ResourceName([.. segments.Where((_, i) => i % 2 == 1)]);
    }

    /// <summary>For an id that a client chooses.</summary>
    public static string ValidId(string id, string field) =>
        IdPattern().IsMatch(id) ? id : throw GoogleRefusal.Invalid($"Invalid {field}: '{id}'. It must match [a-zA-Z0-9_-]{{1,63}}.");

    public bool Equals(ResourceName? other) => other is not null && ids.AsSpan().SequenceEqual(other.ids);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join('/', ids.Select((id, i) => $"{Collections[i]}/{id}"));

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,63}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IdPattern();
}
