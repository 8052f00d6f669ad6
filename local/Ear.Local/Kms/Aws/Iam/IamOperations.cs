using System.Xml.Linq;

namespace Ear.Local.Kms.Aws.Iam;

/// <summary>As much of IAM as the customer needs to let Ear in: roles with a trust policy and inline policies.</summary>
internal sealed class IamOperations(Roles roles)
{
    private static readonly XNamespace Ns = "https://iam.amazonaws.com/doc/2010-05-08/";

    /// <returns>null when IAM here does not know the action.</returns>
    public XElement? Run(string action, QueryParameters parameters, AwsCaller caller)
    {
        Func<QueryParameters, XElement>? run = action switch
        {
            "CreateRole" => CreateRole,
            "GetRole" => p => new XElement(Ns + "GetRoleResult", Describe(Existing(p))),
            "ListRoles" => _ => new XElement(Ns + "ListRolesResult",
                new XElement(Ns + "IsTruncated", false), new XElement(Ns + "Roles", roles.All().Select(r => Describe(r, "member")))),
            "UpdateAssumeRolePolicy" => UpdateAssumeRolePolicy,
            "PutRolePolicy" => PutRolePolicy,
            "DeleteRolePolicy" => DeleteRolePolicy,
            "DeleteRole" => DeleteRole,
            _ => null,
        };
        if (run is null)
            return null;
        caller.MustBeAllowed("iam:" + action, "*", 403, "AccessDenied");
        return run(parameters);
    }

    private XElement CreateRole(QueryParameters parameters)
    {
        var name = parameters.Required("RoleName");
        var trust = parameters.Required("AssumeRolePolicyDocument");
        if (Policy.Parse(trust).Statements.Any(s => s.Principals.Count == 0))
            throw new AwsRefusal("MalformedPolicyDocument", "AssumeRolepolicy must specify a Principal.AWS in every statement.");
        var seconds = parameters.Number("MaxSessionDuration", 3600, 43_200) ?? Roles.DefaultMaxSessionSeconds;
        var role = roles.Change(name, existing => existing is null
            ? roles.New(name, parameters.Text("Path") ?? "/", trust, seconds)
            : throw new AwsRefusal("EntityAlreadyExists", $"Role with name {name} already exists.", 409));
        return new XElement(Ns + "CreateRoleResult", Describe(role));
    }

    private XElement UpdateAssumeRolePolicy(QueryParameters parameters)
    {
        var trust = parameters.Required("PolicyDocument");
        _ = Policy.Parse(trust);
        Change(parameters, role => role with { TrustPolicy = trust });
        return new XElement(Ns + "UpdateAssumeRolePolicyResult");
    }

    private XElement PutRolePolicy(QueryParameters parameters)
    {
        var (policy, document) = (parameters.Required("PolicyName"), parameters.Required("PolicyDocument"));
        _ = Policy.Parse(document);
        Change(parameters, role => role with { Policies = new Dictionary<string, string>(role.Policies) { [policy] = document } });
        return new XElement(Ns + "PutRolePolicyResult");
    }

    private XElement DeleteRolePolicy(QueryParameters parameters)
    {
        var policy = parameters.Required("PolicyName");
        Change(parameters, role => role.Policies.ContainsKey(policy)
            ? role with { Policies = role.Policies.Where(p => p.Key != policy).ToDictionary() }
            : throw NoSuch($"The role policy with name {policy} cannot be found."));
        return new XElement(Ns + "DeleteRolePolicyResult");
    }

    /// <summary>IAM refuses while policies are left: they must be deleted first.</summary>
    private XElement DeleteRole(QueryParameters parameters)
    {
        var role = Existing(parameters);
        if (role.Policies.Count > 0)
            throw new AwsRefusal("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
        roles.Delete(role.Name);
        return new XElement(Ns + "DeleteRoleResult");
    }

    private void Change(QueryParameters parameters, Func<Role, Role> change)
    {
        var name = parameters.Required("RoleName");
        roles.Change(name, existing => change(existing ?? throw NotFound(name)));
    }

    private Role Existing(QueryParameters parameters)
    {
        var name = parameters.Required("RoleName");
        return roles.Find(name) ?? throw NotFound(name);
    }

    private static AwsRefusal NotFound(string name) => NoSuch($"The role with name {name} cannot be found.");

    private static AwsRefusal NoSuch(string message) => new("NoSuchEntity", message, 404);

    private static XElement Describe(Role role) => Describe(role, "Role");

    private static XElement Describe(Role role, string element) => new(Ns + element,
        new XElement(Ns + "Path", role.Path),
        new XElement(Ns + "RoleName", role.Name),
        new XElement(Ns + "RoleId", role.RoleId),
        new XElement(Ns + "Arn", role.Arn),
        new XElement(Ns + "CreateDate", role.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")),
        new XElement(Ns + "AssumeRolePolicyDocument", Uri.EscapeDataString(role.TrustPolicy)),
        new XElement(Ns + "MaxSessionDuration", role.MaxSessionSeconds));
}
