using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Keys;

/// <param name="Name">With its <c>alias/</c>.</param>
internal sealed record KmsAlias(string Region, string Name, string KeyId, DateTimeOffset Created, DateTimeOffset Updated)
{
    [JsonIgnore]
    public string Arn => AwsNames.AliasArn(Region, Name);
}

/// <summary>Other names of keys. An alias goes with its key.</summary>
internal sealed class KmsAliases
{
    private const string Kind = "aws-alias";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly KmsKeys keys;
    private readonly ServiceClock clock;
    private readonly ConcurrentDictionary<(string Region, string Name), KmsAlias> byName;

    public KmsAliases(KmsDocuments documents, KmsKeys keys, ServiceClock clock)
    {
        (this.documents, this.keys, this.clock) = (documents, keys, clock);
        byName = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<KmsAlias>(body)!).ToDictionary(a => (a.Region, a.Name)));
    }

    public IEnumerable<KmsAlias> In(string region) => byName.Keys.Where(k => k.Region == region).Select(k => Find(k.Region, k.Name)).OfType<KmsAlias>();

    /// <returns>null also when its key is gone for good.</returns>
    public KmsAlias? Find(string region, string name)
    {
        if (!byName.TryGetValue((region, name), out var alias))
            return null;
        if (keys.Find(alias.KeyId) is not null)
            return alias;
        Delete(alias);
        return null;
    }

    /// <returns>false when there is one of this name.</returns>
    public bool Create(string region, string name, string keyId)
    {
        lock (writing)
        {
            if (Find(region, name) is not null)
                return false;
            Save(new KmsAlias(region, name, keyId, clock.Now, clock.Now));
            return true;
        }
    }

    public void Point(KmsAlias alias, string keyId)
    {
        lock (writing)
            Save(alias with { KeyId = keyId, Updated = clock.Now });
    }

    public void Delete(KmsAlias alias)
    {
        lock (writing)
        {
            documents.Delete(Kind, IdOf(alias));
            byName.TryRemove((alias.Region, alias.Name), out _);
        }
    }

    private void Save(KmsAlias alias)
    {
        documents.Put(Kind, IdOf(alias), JsonSerializer.Serialize(alias));
        byName[(alias.Region, alias.Name)] = alias;
    }

    private static string IdOf(KmsAlias alias) => $"{alias.Region}:{alias.Name}";
}
