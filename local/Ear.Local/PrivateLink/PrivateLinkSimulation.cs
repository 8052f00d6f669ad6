using System.Text.Json;
using Ear.CustomerKeys;
using Ear.Local.Kms.Data;
using Ear.PrivateEndpoints;

namespace Ear.Local.PrivateLink;

/// <summary>
/// Private links of Azure and AWS, without a network: they come up after a moment, and those of Azure wait for their approval. Every
/// change is on the disk when it is answered, so the state survives a restart.
/// </summary>
internal sealed class PrivateLinkSimulation(KmsDocuments documents, TimeProvider time)
{
    private const string Kind = "private-link";
    private readonly Lock gate = new();

    /// <summary>Oldest first; those that are gone are not told.</summary>
    public IReadOnlyList<(SimulatedLink Link, PrivateLinkSight Sight)> All()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return [.. Links().Select(l => (Link: l, Sight: l.Look(now))).Where(l => l.Sight is not PrivateLinkSight.Absent).OrderBy(l => l.Link.Made).ThenBy(l => l.Link.Name, StringComparer.Ordinal)];
        }
    }

    public PrivateLinkSight Ensure(PrivateLinkOrder order)
    {
        lock (gate)
        {
            var link = Find(order.Id) ?? Put(new(order.Id, $"ear-{order.Id}", order.Provider, order.RegionName, order.Target, time.GetUtcNow()));
            return link.Look(time.GetUtcNow());
        }
    }

    public PrivateLinkSight Look(PrivateEndpointId id)
    {
        lock (gate)
            return Find(id)?.Look(time.GetUtcNow()) ?? new PrivateLinkSight.Absent();
    }

    public PrivateLinkSight Delete(PrivateEndpointId id)
    {
        lock (gate)
        {
            if (Find(id) is not { } link)
                return new PrivateLinkSight.Absent();
            var sight = (link.DeletedAt is null ? Put(link with { DeletedAt = time.GetUtcNow() }) : link).Look(time.GetUtcNow());
            if (sight is PrivateLinkSight.Absent)
                documents.Delete(Kind, id.Value);
            return sight;
        }
    }

    /// <summary>What the customer does on the vault, or what goes wrong.</summary>
    /// <returns>Why not; null: done.</returns>
    public string? Decide(string name, LinkDecision decision, string? reason)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (Links().FirstOrDefault(l => l.Name == name && l.DeletedAt is null) is not { } link)
                return $"There is no connection '{name}'.";
            var answerable = link.NeedsApproval && link.Look(now) is PrivateLinkSight.AwaitingApproval or PrivateLinkSight.Up;
            if (decision is not LinkDecision.Broken && !answerable)
                return $"The connection '{name}' cannot be {decision.ToString().ToLowerInvariant()}: {(link.NeedsApproval ? $"it is {Word(link.Look(now))}" : "AWS asks nobody")}.";
            Put(link with { Decision = decision, Reason = reason });
            return null;
        }
    }

    public static string Word(PrivateLinkSight sight) => sight switch
    {
        PrivateLinkSight.UnderWay => "under way",
        PrivateLinkSight.AwaitingApproval => "pending",
        PrivateLinkSight.Up => "up",
        PrivateLinkSight.Rejected => "rejected",
        PrivateLinkSight.Broken => "broken",
        _ => "gone",
    };

    private IEnumerable<SimulatedLink> Links() => documents.All(Kind).Select(body => JsonSerializer.Deserialize<SimulatedLink>(body, EarJson.Options)!);

    private SimulatedLink? Find(PrivateEndpointId id) => Links().FirstOrDefault(l => l.Id == id);

    private SimulatedLink Put(SimulatedLink link)
    {
        documents.Put(Kind, link.Id.Value, JsonSerializer.Serialize(link, EarJson.Options));
        return link;
    }
}
