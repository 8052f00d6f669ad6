using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>CreateAlias, UpdateAlias, DeleteAlias and ListAliases. Each needs the permission for the alias and for the keys concerned.</summary>
internal sealed partial class AliasOperations(KmsOperations operations, KmsAliases aliases)
{
    public JsonObject Create(KmsRequest request)
    {
        var name = Named(request, "CreateAlias");
        var key = Target(request, "CreateAlias");
        if (!aliases.Create(request.Region, name, key.Id))
            throw new AwsRefusal("AlreadyExistsException", $"An alias with the name {AwsNames.AliasArn(request.Region, name)} already exists");
        return [];
    }

    public JsonObject Update(KmsRequest request)
    {
        var alias = Existing(request, "UpdateAlias");
        operations.Authorized(request, "UpdateAlias", alias.KeyId);
        aliases.Point(alias, Target(request, "UpdateAlias").Id);
        return [];
    }

    public JsonObject Delete(KmsRequest request)
    {
        var alias = Existing(request, "DeleteAlias");
        operations.Authorized(request, "DeleteAlias", alias.KeyId);
        aliases.Delete(alias);
        return [];
    }

    public JsonObject List(KmsRequest request)
    {
        request.Caller.MustBeAllowed("kms:ListAliases", "*");
        var only = request.Text("KeyId") is { } name ? operations.Named(request, name).Id : null;
        return KmsOperations.Page(request, "Aliases", aliases.In(request.Region).Where(a => only is null || a.KeyId == only), a => a.Name, a => new JsonObject
        {
            ["AliasName"] = a.Name,
            ["AliasArn"] = a.Arn,
            ["TargetKeyId"] = a.KeyId,
            ["CreationDate"] = KmsOperations.Epoch(a.Created),
            ["LastUpdatedDate"] = KmsOperations.Epoch(a.Updated),
        });
    }

    private static string Named(KmsRequest request, string operation)
    {
        var name = request.RequiredText("AliasName");
        if (!AliasName().IsMatch(name))
            throw AwsRefusal.Constraint("aliasName", "Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$");
        if (name.StartsWith("alias/aws/", StringComparison.Ordinal))
            throw new AwsRefusal("InvalidAliasNameException", "Aliases that begin with alias/aws/ are reserved for AWS.");
        request.Caller.MustBeAllowed("kms:" + operation, AwsNames.AliasArn(request.Region, name));
        return name;
    }

    private KmsAlias Existing(KmsRequest request, string operation)
    {
        var name = Named(request, operation);
        return aliases.Find(request.Region, name) ?? throw KeyNames.NoAlias(request.Region, name);
    }

    private KmsKey Target(KmsRequest request, string operation)
    {
        var name = request.RequiredText("TargetKeyId");
        if (name.Contains("alias/", StringComparison.Ordinal))
            throw AwsRefusal.Validation("Aliases must refer to keys. Not aliases");
        var key = operations.Authorized(request, operation, name);
        return key.State is KeyState.PendingDeletion ? throw new AwsRefusal("KMSInvalidStateException", $"{key.Arn} is pending deletion.") : key;
    }

    [GeneratedRegex("^alias/[a-zA-Z0-9/_-]{1,250}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AliasName();
}
