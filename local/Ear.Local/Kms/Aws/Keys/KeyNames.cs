using System.Text.RegularExpressions;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>The ways a request may name a key, and AWS's words when it names none.</summary>
internal static partial class KeyNames
{
    /// <param name="targetOf">The key that an alias points at, if there is such an alias.</param>
    /// <returns>The id of the key that is meant, whether or not there is one.</returns>
    public static string IdFrom(string name, string region, Func<string, string?> targetOf)
    {
        var id = name.StartsWith("arn:", StringComparison.Ordinal) ? FromArn(name, region) : name;
        if (id.StartsWith("alias/", StringComparison.Ordinal))
            return targetOf(id) ?? throw NoAlias(region, id);
        if (MultiRegionId().IsMatch(id))
            return id;
        return Guid.TryParseExact(id, "D", out var guid) ? guid.ToString() : throw new AwsRefusal("NotFoundException", $"Invalid keyId '{id}'");
    }

    private static string FromArn(string arn, string region)
    {
        if (!KeyArn().IsMatch(arn))
            throw new AwsRefusal("InvalidArnException", $"Invalid arn {arn}");
        var parts = arn.Split(':');
        if (parts[3] != region)
            throw new AwsRefusal("NotFoundException", $"Invalid arn {parts[3]}");
        if (parts[4] != AwsNames.CustomerAccount)
            throw DoesNotExist(arn);
        return parts[5].StartsWith("key/", StringComparison.Ordinal) ? parts[5]["key/".Length..] : parts[5];
    }

    public static AwsRefusal NoAlias(string region, string alias) => new("NotFoundException", $"Alias {AwsNames.AliasArn(region, alias)} is not found.");

    public static AwsRefusal DoesNotExist(string arn) => new("NotFoundException", $"Key '{arn}' does not exist");

    [GeneratedRegex("^mrk-[0-9a-f]{32}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MultiRegionId();

    [GeneratedRegex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyArn();
}
