using System.Text.RegularExpressions;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>The ways a request may name a key, and AWS's words when it names none.</summary>
internal static partial class KeyNames
{
    /// <returns>The id of the key that is meant, whether or not there is one.</returns>
    public static string IdFrom(string name, string region)
    {
        var id = name;
        if (name.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (!KeyArn().IsMatch(name))
                throw new AwsRefusal("InvalidArnException", $"Invalid arn {name}");
            var parts = name.Split(':');
            if (parts[3] != region)
                throw new AwsRefusal("NotFoundException", $"Invalid arn {parts[3]}");
            id = parts[5];
            if (id.StartsWith("key/", StringComparison.Ordinal))
                id = parts[4] == AwsNames.CustomerAccount ? id["key/".Length..] : throw DoesNotExist(name);
        }
        if (id.StartsWith("alias/", StringComparison.Ordinal))
            throw new AwsRefusal("NotFoundException", $"Alias arn:aws:kms:{region}:{AwsNames.CustomerAccount}:{id} is not found.");
        return Guid.TryParseExact(id, "D", out var guid) ? guid.ToString() : throw new AwsRefusal("NotFoundException", $"Invalid keyId '{id}'");
    }

    public static AwsRefusal DoesNotExist(string arn) => new("NotFoundException", $"Key '{arn}' does not exist");

    [GeneratedRegex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyArn();
}
