using System.Text.RegularExpressions;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>Which role assignment Ear's identity lacks, from the words in which Azure refuses. Its ids of the caller are left out: they are of no use to a customer.</summary>
internal static partial class Permission
{
    /// <summary>Codes of a refusal for want of a permission. It goes away by itself where a role was assigned a moment ago: that takes some minutes to spread.</summary>
    public static bool Is(string code) => code is "AuthorizationFailed" or "LinkedAuthorizationFailed" or "Forbidden";

    /// <returns>One sentence without a full stop; null: nothing is said about a permission.</returns>
    public static string? Missing(IReadOnlyList<ArmErrorPart> parts)
    {
        foreach (var part in parts)
        {
            if (Linked().Match(part.Message) is { Success: true } linked)
                return Sentence(linked);
            if (Plain().Match(part.Message) is { Success: true } plain)
                return Sentence(plain);
        }
        return null;
    }

    private static string Sentence(Match match)
        => $"Ear's identity lacks {match.Groups["action"].Value} on {match.Groups["scope"].Value}: assign it a role with that action there (Network Contributor has it)";

    [GeneratedRegex(@"action '(?<action>[^']{1,300})' (?:over|at) scope '(?<scope>[^']{1,1000})'", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    [GeneratedRegex(@"action\(s\) '(?<action>[^']{1,300})' on the linked scope\(s\) '(?<scope>[^']{1,1000})'", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Linked();
}
