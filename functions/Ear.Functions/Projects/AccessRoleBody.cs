using System.Text.RegularExpressions;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;

namespace Ear.Functions.Projects;

internal sealed partial record AccessRoleBody(string? ProviderName, string? IamAssumedRoleArn)
{
    public static AccessRoleBody Parse(BodyFields body) => new(body.Text("providerName"), body.Text("iamAssumedRoleArn"));

    /// <summary>It is about AWS, and this Ear has an AWS principal that a customer could trust.</summary>
    public Outcome<string> Aws(ProjectOptions options) => ProviderName switch
    {
        null => new Problem.MissingField("providerName"),
        "AWS" => options.AwsAccountArn is { } arn
            ? arn
            : new Problem.NotRunHere("providerName", $"AWS, because {ProjectOptions.Section}:{nameof(options.AwsAccountArn)} is not set, access to AWS"),
        "AZURE" or "GCP" => new Problem.NotRunHere("providerName", $"Access to {ProviderName}"),
        _ => new Problem.InvalidField("providerName", "AWS, AZURE or GCP."),
    };

    public Outcome<string> Arn() => IamAssumedRoleArn switch
    {
        null => new Problem.MissingField("iamAssumedRoleArn"),
        var arn when RoleArn().IsMatch(arn) => arn,
        _ => new Problem.InvalidField("iamAssumedRoleArn", "The ARN of an IAM role: arn:aws:iam::123456789012:role/name."),
    };

    [GeneratedRegex(@"\Aarn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RoleArn();
}
