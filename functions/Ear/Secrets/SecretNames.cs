namespace Ear.Secrets;

/// <summary>What names a secret may have: 1 to 200 letters, digits, '-', '/', '.'. A name is bound to its value, and appears in errors.</summary>
public static class SecretNames
{
    /// <exception cref="ArgumentException">Not a name.</exception>
    public static string Valid(string name)
        => name is { Length: >= 1 and <= 200 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '.')
            ? name
            : throw new ArgumentException("A secret's name is 1 to 200 letters, digits, '-', '/' and '.'.", nameof(name));
}
