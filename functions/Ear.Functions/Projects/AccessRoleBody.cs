using System.Text.RegularExpressions;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Functions.Projects;

/// <summary>Which role is asked for.</summary>
internal abstract record AccessRoleWish
{
    private AccessRoleWish()
    {
    }

    /// <param name="Arn">Null while the role is only being set up.</param>
    public sealed record Aws(string? Arn) : AccessRoleWish;

    public sealed record Azure(AzurePrincipalIds Ids) : AccessRoleWish;

    public sealed record Gcp(string Email) : AccessRoleWish;
}

internal sealed partial record AccessRoleBody(string? ProviderName, string? IamAssumedRoleArn, string? AtlasAzureAppId, string? ServicePrincipalId, string? TenantId)
{
    private const int ShortestArn = 20;
    private const int LongestArn = 2048;

    public static AccessRoleBody Parse(BodyFields body)
    {
        var arn = body.Text("iamAssumedRoleArn");
        if (arn is { Length: < ShortestArn or > LongestArn })
            body.Fault("iamAssumedRoleArn", $"{ShortestArn} to {LongestArn} characters");
        return new(body.Text("providerName"), arn, body.Text("atlasAzureAppId"), body.Text("servicePrincipalId"), body.Text("tenantId"));
    }

    /// <summary>It names a provider, and this Ear has an identity there that a customer could trust.</summary>
    public Outcome<AccessRoleWish> Asked(ProjectOptions options) => ProviderName switch
    {
        null => new Problem.MissingField("providerName"),
        "AWS" => options.AwsAccountArn is null ? NotSet("AWS", nameof(options.AwsAccountArn)) : new AccessRoleWish.Aws(null),
        "AZURE" => options.AzureAppId is { } app ? Principal(app) : NotSet("AZURE", nameof(options.AzureAppId)),
        "GCP" => options.GcpServiceAccount is { } email ? new AccessRoleWish.Gcp(email) : NotSet("GCP", nameof(options.GcpServiceAccount)),
        _ => new Problem.InvalidField("providerName", "AWS, AZURE or GCP."),
    };

    public Outcome<AccessRoleWish> Authorised(ProjectOptions options)
        => Asked(options).Then(wish => wish is AccessRoleWish.Aws ? Arn().Map<AccessRoleWish>(arn => new AccessRoleWish.Aws(arn)) : wish);

    private Outcome<string> Arn() => IamAssumedRoleArn switch
    {
        null => new Problem.MissingField("iamAssumedRoleArn"),
        var arn when RoleArn().IsMatch(arn) => arn,
        _ => new Problem.InvalidField("iamAssumedRoleArn", "The ARN of an IAM role: arn:aws:iam::123456789012:role/name."),
    };

    private Outcome<AccessRoleWish> Principal(string app)
    {
        var fields = new[] { ("atlasAzureAppId", AtlasAzureAppId), ("servicePrincipalId", ServicePrincipalId), ("tenantId", TenantId) };
        if (fields.FirstOrDefault(f => f.Item2 is null) is { Item1: { } missing })
            return new Problem.MissingField(missing);
        var malformed = fields.Where(f => !Guid.TryParseExact(f.Item2, "D", out _)).Select(f => new FieldFault(f.Item1, "Must be a uuid.")).ToList();
        if (malformed.Count > 0)
            return new Problem.InvalidFields(malformed);
        return string.Equals(AtlasAzureAppId, app, StringComparison.OrdinalIgnoreCase)
            ? new AccessRoleWish.Azure(new AzurePrincipalIds(app, ServicePrincipalId!, TenantId!))
            : new Problem.InvalidField("atlasAzureAppId", $"Ear's application is {app}: make the service principal for that one.");
    }

    private static Problem.NotRunHere NotSet(string provider, string setting)
        => new("providerName", $"{provider}, because {ProjectOptions.Section}:{setting} is not set, access to {provider}");

    [GeneratedRegex(@"\Aarn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RoleArn();
}
