using System.Collections.Concurrent;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Tests.Fakes;

/// <summary>Private links of one cloud, in memory. A new one is under way until the test says otherwise; one that is deleted is gone at once.</summary>
internal sealed class FakePrivateLink(KeyProvider provider) : IPrivateLink
{
    private readonly ConcurrentDictionary<PrivateEndpointId, PrivateLinkSight> links = new();

    public KeyProvider Provider => provider;

    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>False: nobody answers, and nothing happens.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>True: it is said of every link that is looked at that it is not there, as by a region of the cloud that has not heard of it.</summary>
    public bool IsForgetful { get; set; }

    /// <summary>Called after the effect of each call and before its answer; throwing loses the answer.</summary>
    public Action? BeforeAnswer { get; set; }

    public IReadOnlyDictionary<PrivateEndpointId, PrivateLinkSight> Links => links;

    /// <summary>How many calls would have made a link.</summary>
    public int Ensured { get; private set; }

    /// <summary>What the cloud, or the customer, makes of a link that is there.</summary>
    public void Becomes(PrivateEndpointId id, PrivateLinkSight sight)
    {
        if (links.ContainsKey(id))
            links[id] = sight;
    }

    /// <summary>The customer removes the connection.</summary>
    public void Remove(PrivateEndpointId id) => links.TryRemove(id, out _);

    public Task<PrivateLinkSight> EnsureAsync(PrivateLinkOrder order, CancellationToken cancellation)
    {
        Ensured++;
        return AnswerAsync(() => links.GetOrAdd(order.Id, new PrivateLinkSight.UnderWay()));
    }

    public Task<PrivateLinkSight> LookAsync(PrivateLinkOrder order, CancellationToken cancellation) => AnswerAsync(() => (IsForgetful ? null : links.GetValueOrDefault(order.Id)) ?? new PrivateLinkSight.Absent());

    public Task<PrivateLinkSight> DeleteAsync(PrivateLinkOrder order, CancellationToken cancellation) => AnswerAsync(() =>
    {
        links.TryRemove(order.Id, out _);
        return new PrivateLinkSight.Absent();
    });

    private Task<PrivateLinkSight> AnswerAsync(Func<PrivateLinkSight> act)
    {
        if (!IsReachable)
            return Task.FromResult<PrivateLinkSight>(new PrivateLinkSight.Unknown("nobody answers"));
        var sight = act();
        BeforeAnswer?.Invoke();
        return Task.FromResult(sight);
    }
}
