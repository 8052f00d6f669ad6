using Ear.Local.Kms.Aws.Iam;

namespace Ear.Local.Kms.Aws;

/// <summary>Who signed a request, and what that identity may do. Three kinds exist: the customer's administrator, Ear's control plane, and the session of a role.</summary>
internal abstract record AwsCaller(string Arn, string Account, string UserId)
{
    /// <returns>null when allowed, else the end of AWS's sentence: "because …".</returns>
    public abstract string? Refuses(string action, string resource);

    /// <summary>The ARNs by which a trust policy may name this caller.</summary>
    public virtual IEnumerable<string> TrustNames => [Arn, $"arn:aws:iam::{Account}:root", Account];

    public void MustBeAllowed(string action, string resource, int status = 400, string code = "AccessDeniedException")
    {
        if (Refuses(action, resource) is { } because)
            throw new AwsRefusal(code, $"User: {Arn} is not authorized to perform: {action} on resource: {resource} {because}".TrimEnd(), status);
    }
}

/// <summary>The person at the customer who makes keys and roles: may do everything in the customer's account.</summary>
internal sealed record CustomerAdministrator() : AwsCaller(AwsNames.CustomerAdministratorArn, AwsNames.CustomerAccount, "AIDACUSTOMERADMIN0000")
{
    public override string? Refuses(string action, string resource) => null;
}

/// <summary>Ear itself: lives in another account, and may do nothing there but assume the roles that customers let it.</summary>
internal sealed record ControlPlane() : AwsCaller(AwsNames.ControlPlaneArn, AwsNames.EarAccount, "AIDAEARCONTROLPLANE00")
{
    public override string? Refuses(string action, string resource) =>
        action == "sts:AssumeRole" ? null : $"because no identity-based policy allows the {action} action";
}

/// <summary>A session that AssumeRole gave out: what the role may do now, and no more than the session policy left of it.</summary>
internal sealed record RoleSession(Role Role, string SessionName, Policy? Scope)
    : AwsCaller($"arn:aws:sts::{AwsNames.CustomerAccount}:assumed-role/{Role.Name}/{SessionName}", AwsNames.CustomerAccount, $"{Role.RoleId}:{SessionName}")
{
    public override IEnumerable<string> TrustNames => [Arn, Role.Arn, $"arn:aws:iam::{Account}:root", Account];

    public override string? Refuses(string action, string resource)
    {
        var policies = Role.Policies.Values.Select(Policy.Parse).ToList();
        if (policies.Exists(p => p.Denies(action, resource)))
            return "with an explicit deny in an identity-based policy";
        if (!policies.Exists(p => p.Allows(action, resource)))
            return $"because no identity-based policy allows the {action} action";
        if (Scope is null || (Scope.Allows(action, resource) && !Scope.Denies(action, resource)))
            return null;
        return Scope.Denies(action, resource) ? "with an explicit deny in a session policy" : $"because no session policy allows the {action} action";
    }
}
