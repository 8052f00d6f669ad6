using System.Text.RegularExpressions;

namespace Ear.Local.Mail;

/// <summary>One command line: <c>MAIL FROM:&lt;a@b&gt; SIZE=123</c> → verb MAIL, rest. Verbs compare without case.</summary>
internal readonly partial record struct SmtpCommand(string Verb, string Rest)
{
    public static SmtpCommand Parse(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? new(line.ToUpperInvariant(), "") : new(line[..space].ToUpperInvariant(), line[(space + 1)..].Trim());
    }

    /// <summary>Splits <c>FROM:&lt;path&gt; KEY=VALUE …</c>; false when it is not of that form.</summary>
    public bool TryPath(string keyword, out string path, out string[] parameters)
    {
        var match = Path().Match(Rest);
        var valid = match.Success && match.Groups["keyword"].Value.Equals(keyword, StringComparison.OrdinalIgnoreCase);
        path = valid ? match.Groups["path"].Value : "";
        parameters = valid ? match.Groups["rest"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return valid;
    }

    // No control characters in an address: it is written into a header line.
    [GeneratedRegex(
        @"^(?<keyword>FROM|TO):\s*<(?<path>[^<>\x00-\x1f\x7f]*)>(?<rest>( [^\s]+)*)\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Path();
}
