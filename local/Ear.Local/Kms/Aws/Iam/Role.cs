namespace Ear.Local.Kms.Aws.Iam;

/// <summary>A role in the customer's account.</summary>
/// <param name="RoleId">Unique for each creation: sessions of a deleted role do not come back to life with a new one of its name.</param>
/// <param name="TrustPolicy">JSON: who may assume it, and with which external id.</param>
/// <param name="Policies">Inline policies by name, as JSON.</param>
internal sealed record Role(
    string Name, string Path, string RoleId, string TrustPolicy, IReadOnlyDictionary<string, string> Policies, DateTimeOffset Created, int MaxSessionSeconds)
{
    public string Arn => AwsNames.RoleArn(Path, Name);

    /// <summary>Some statement must allow this caller, and its external id, when it names one, must have been given.</summary>
    public bool Trusts(AwsCaller caller, string? externalId)
    {
        var concerned = Policy.Parse(TrustPolicy).Statements
            .Where(s => s.Actions.Any(a => a is "sts:AssumeRole" or "sts:*" or "*"))
            .Where(s => s.Principals.Any(p => p == "*" || caller.TrustNames.Contains(p)))
            .Where(s => s.ExternalId is null || s.ExternalId == externalId)
            .ToList();
        return concerned.Exists(s => s.Allow) && concerned.TrueForAll(s => s.Allow);
    }
}
