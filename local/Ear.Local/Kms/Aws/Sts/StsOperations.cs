using System.Text.RegularExpressions;
using System.Xml.Linq;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Signing;

namespace Ear.Local.Kms.Aws.Sts;

/// <summary>STS: AssumeRole and GetCallerIdentity.</summary>
internal sealed partial class StsOperations(Roles roles, Sessions sessions)
{
    private static readonly XNamespace Ns = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <returns>null when STS here does not know the action.</returns>
    public XElement? Run(string action, QueryParameters parameters, AwsCaller caller) => action switch
    {
        "AssumeRole" => AssumeRole(parameters, caller),
        "GetCallerIdentity" => new XElement(Ns + "GetCallerIdentityResult",
            new XElement(Ns + "Arn", caller.Arn), new XElement(Ns + "UserId", caller.UserId), new XElement(Ns + "Account", caller.Account)),
        _ => null,
    };

    private XElement AssumeRole(QueryParameters parameters, AwsCaller caller)
    {
        var arn = parameters.Required("RoleArn");
        var name = parameters.Required("RoleSessionName");
        if (!SessionName().IsMatch(name))
            throw QueryParameters.Invalid("roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}");
        var externalId = parameters.Text("ExternalId");
        if (externalId is not null && !ExternalId().IsMatch(externalId))
            throw QueryParameters.Invalid("externalId", "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]{2,1224}");
        var seconds = parameters.Number("DurationSeconds", 900, 43_200) ?? 3600;
        var policy = parameters.Text("Policy");
        if (policy is not null)
            _ = Policy.Parse(policy);

        // One text for a role that is gone, a trust policy that changed and a wrong external id: AWS does not tell which.
        if (roles.FindByArn(arn) is not { } role || !role.Trusts(caller, externalId) || caller.Refuses("sts:AssumeRole", arn) is not null)
            throw new AwsRefusal("AccessDenied", $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {arn}", 403);
        if (seconds > role.MaxSessionSeconds)
            throw new AwsRefusal("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        if (caller is RoleSession && seconds > 3600)
            throw new AwsRefusal("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");

        var (session, token) = sessions.Create(role, name, policy, TimeSpan.FromSeconds(seconds));
        var assumed = new RoleSession(role, name, Scope: null);
        return new XElement(Ns + "AssumeRoleResult",
            new XElement(Ns + "Credentials",
                new XElement(Ns + "AccessKeyId", session.AccessKeyId),
                new XElement(Ns + "SecretAccessKey", session.SecretAccessKey),
                new XElement(Ns + "SessionToken", token),
                new XElement(Ns + "Expiration", session.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"))),
            new XElement(Ns + "AssumedRoleUser",
                new XElement(Ns + "Arn", assumed.Arn), new XElement(Ns + "AssumedRoleId", assumed.UserId)));
    }

    [GeneratedRegex(@"^[\w+=,.@-]{2,64}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SessionName();

    [GeneratedRegex(@"^[\w+=,.@:/-]{2,1224}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ExternalId();
}
