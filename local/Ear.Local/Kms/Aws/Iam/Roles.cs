using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Iam;

internal sealed partial class Roles
{
    public const int DefaultMaxSessionSeconds = 3600;

    /// <summary>What Ear needs of a key, and no more.</summary>
    public static readonly IReadOnlyList<string> KeyUserActions =
        ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"];

    private const string Kind = "aws-role";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly ServiceClock clock;
    private readonly ConcurrentDictionary<string, Role> byName;

    public Roles(KmsDocuments documents, ServiceClock clock)
    {
        this.documents = documents;
        this.clock = clock;
        byName = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<Role>(body)!).ToDictionary(r => r.Name));
    }

    public IReadOnlyList<Role> All() => [.. byName.Values.OrderBy(r => r.Name)];

    public Role? Find(string name) => byName.GetValueOrDefault(name);

    public Role? FindByArn(string arn) => byName.Values.FirstOrDefault(r => r.Arn == arn);

    /// <summary>Makes the role, or changes who may assume it and what it may do, keeping its id.</summary>
    public Role Put(string name, IReadOnlyList<string> trustedPrincipalArns, string? externalId, IReadOnlyList<string> actions)
    {
        var trust = JsonSerializer.Serialize(new
        {
            Version = "2012-10-17",
            Statement = new { Effect = "Allow", Principal = new { AWS = trustedPrincipalArns }, Action = "sts:AssumeRole", Condition = ExternalIdCondition(externalId) },
        });
        var allowed = JsonSerializer.Serialize(new
        {
            Version = "2012-10-17",
            Statement = new { Effect = "Allow", Action = actions, Resource = "*" },
        });
        return Change(name, existing => (existing ?? New(name, "/", trust, DefaultMaxSessionSeconds)) with
        {
            TrustPolicy = trust,
            Policies = new Dictionary<string, string> { ["allowed"] = allowed },
        });
    }

    public Role New(string name, string path, string trustPolicy, int maxSessionSeconds)
    {
        if (!ValidName().IsMatch(name))
            throw new AwsRefusal("ValidationError", "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-");
        return new Role(name, path, AwsNames.NewId("AROA"), trustPolicy, new Dictionary<string, string>(), clock.Now, maxSessionSeconds);
    }

    /// <summary>One change at a time, on the disk before it is seen.</summary>
    /// <param name="change">Is given null when there is no such role.</param>
    public Role Change(string name, Func<Role?, Role> change)
    {
        lock (writing)
        {
            var changed = change(byName.GetValueOrDefault(name));
            documents.Put(Kind, name, JsonSerializer.Serialize(changed));
            byName[name] = changed;
            return changed;
        }
    }

    public bool Delete(string name)
    {
        lock (writing)
        {
            documents.Delete(Kind, name);
            return byName.TryRemove(name, out _);
        }
    }

    private static Dictionary<string, Dictionary<string, string>> ExternalIdCondition(string? externalId) =>
        externalId is null ? [] : new() { ["StringEquals"] = new() { ["sts:ExternalId"] = externalId } };

    [GeneratedRegex(@"^[\w+=,.@-]{1,64}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ValidName();
}
