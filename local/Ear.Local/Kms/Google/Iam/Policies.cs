using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google.Iam.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Iam;

/// <summary>IAM policies of projects, key rings and keys. A policy counts for everything below its resource; a change counts for the next call.</summary>
internal sealed class Policies
{
    private const string Kind = "google-policy";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    // Never changed in place: a reader works on the policy as it was when it asked.
    private readonly ConcurrentDictionary<string, Policy> byResource = new();

    public Policies(KmsDocuments documents)
    {
        this.documents = documents;
        foreach (var stored in documents.All(Kind).Select(SetIamPolicyRequest.Parser.ParseJson))
            byResource[stored.Resource] = stored.Policy;
    }

    public bool Allows(GoogleCaller caller, string permission, ResourceName resource) =>
        resource.Ancestry.Any(at => byResource.TryGetValue(at, out var policy)
            && policy.Bindings.Any(b => b.Members.Contains(caller.Member) && Roles.Allows(b.Role, permission)));

    public void MustAllow(GoogleCaller caller, string permission, ResourceName resource)
    {
        if (!Allows(caller, permission, resource))
            throw GoogleRefusal.Denied(permission, resource.ToString());
    }

    public Policy Get(ResourceName resource) => WithEtag(byResource.GetValueOrDefault(resource.ToString()) ?? new Policy { Version = 1 });

    /// <exception cref="GoogleRefusal">Somebody else changed it after the caller read it, or it names a role or member that cannot be.</exception>
    public Policy Set(ResourceName resource, Policy wanted)
    {
        if (wanted.Bindings.FirstOrDefault(b => !Roles.Exists(b.Role)) is { } unknown)
            throw GoogleRefusal.Invalid($"Role {unknown.Role} is not supported for this resource.");
        if (wanted.Bindings.SelectMany(b => b.Members).FirstOrDefault(m => !m.Contains(':', StringComparison.Ordinal)) is { } nobody)
            throw GoogleRefusal.Invalid($"Invalid policy member {nobody}.");
        lock (writing)
        {
            if (!wanted.Etag.IsEmpty && !wanted.Etag.Equals(Get(resource).Etag))
                throw new GoogleRefusal(StatusCode.Aborted, "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.");
            return Save(resource, wanted);
        }
    }

    /// <param name="resource">Key, key ring or project.</param>
    public void Grant(ResourceName resource, string role, string email) => Change(resource, policy =>
    {
        policy.Bindings.Add(new Binding { Role = role, Members = { GoogleCaller.MemberOf(email) } });
    });

    /// <summary>Takes away every role that the account was given on this very resource.</summary>
    public void Revoke(ResourceName resource, string email) => Change(resource, policy =>
    {
        foreach (var binding in policy.Bindings)
            binding.Members.Remove(GoogleCaller.MemberOf(email));
    });

    private void Change(ResourceName resource, Action<Policy> change)
    {
        lock (writing)
        {
            var policy = Get(resource).Clone();
            change(policy);
            Save(resource, policy);
        }
    }

    private Policy Save(ResourceName resource, Policy wanted)
    {
        var policy = new Policy { Version = 1 };
        foreach (var role in wanted.Bindings.GroupBy(b => b.Role).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var members = role.SelectMany(b => b.Members).Distinct().Order(StringComparer.Ordinal).ToList();
            if (members.Count > 0)
                policy.Bindings.Add(new Binding { Role = role.Key, Members = { members } });
        }
        var name = resource.ToString();
        documents.Put(Kind, name, JsonFormatter.Default.Format(new SetIamPolicyRequest { Resource = name, Policy = policy }));
        byResource[name] = policy;
        return WithEtag(policy);
    }

    private static Policy WithEtag(Policy policy)
    {
        var answered = policy.Clone();
        answered.Etag = ByteString.Empty;
        answered.Etag = ByteString.CopyFrom(SHA256.HashData(answered.ToByteArray()).AsSpan(0, 8));
        return answered;
    }
}
