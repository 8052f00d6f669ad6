using System.Globalization;
using System.Net;
using System.Text.Json;
using Azure.Core;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>
/// Private endpoints from Ear's network to customers' key vaults. Each is one deployment in Ear's resource group, and the deployment's record says whether it was
/// asked for: so a repeat finds it, also after an answer was lost. Nothing is waited for; the next look sees how far it has come.
/// </summary>
internal sealed class AzurePrivateLink(ArmGroup arm, IOptions<AzurePrivateLinkOptions> options, TimeProvider time, ILogger<AzurePrivateLink> logger) : IPrivateLink
{
    /// <summary>A deployment that failed for a passing reason rests this long before it is tried again; meanwhile a look tells the reason.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private string trouble = "";

    public KeyProvider Provider => KeyProvider.Azure;

    public IReadOnlyList<string> Regions { get; } = [.. options.Value.Regions.Keys.Order(StringComparer.Ordinal)];

    public async Task<PrivateLinkSight> EnsureAsync(PrivateLinkOrder order, CancellationToken cancellation)
    {
        if (!options.Value.Regions.TryGetValue(order.RegionName, out var network))
            return new PrivateLinkSight.Broken($"This Ear has no network in {order.RegionName} any more; it has in {string.Join(", ", Regions)}");
        var record = await RecordAsync(order, cancellation);
        if (record.IsAbsent)
            return await DeployAsync(order, network, cancellation);
        if (!record.IsOk)
            return Told(record, ArmDeed.Read);
        switch (State(record))
        {
            case "Succeeded":
                return await LookAsync(order, cancellation) is var sight and not PrivateLinkSight.Absent ? sight : await DeployAsync(order, network, cancellation);
            case "Failed":
                return await AfterFailureAsync(order, network, Properties(record), cancellation);
            case "Canceled":
                return new PrivateLinkSight.Broken($"The deployment {LinkDeployment.NameOf(order.Id)} was canceled");
            default:
                return new PrivateLinkSight.UnderWay(record.RetryAfter);
        }
    }

    public async Task<PrivateLinkSight> LookAsync(PrivateLinkOrder order, CancellationToken cancellation)
    {
        var endpoint = await EndpointAsync(order, cancellation);
        if (endpoint.IsAbsent)
            return new PrivateLinkSight.Absent();
        if (!endpoint.IsOk || Properties(endpoint) is not { } properties)
            return Told(endpoint, ArmDeed.Read);
        Told(endpoint);
        return await SeenAsync(LinkReading.Of(properties), cancellation);
    }

    public async Task<PrivateLinkSight> DeleteAsync(PrivateLinkOrder order, CancellationToken cancellation)
    {
        var record = await RecordAsync(order, cancellation);
        if (!record.IsOk && !record.IsAbsent)
            return Told(record, ArmDeed.Read);
        // One that runs would make the endpoint after it was deleted.
        if (record.IsOk && State(record) is not ("Succeeded" or "Failed" or "Canceled"))
            return await CancelAsync(order, cancellation);
        var endpoint = await EndpointAsync(order, cancellation);
        if (endpoint.IsOk && State(endpoint) is "Deleting")
            return new PrivateLinkSight.UnderWay(endpoint.RetryAfter);
        if (!endpoint.IsAbsent)
            return endpoint.IsOk ? await GoneAsync(LinkDeployment.Endpoint(arm.Id, order.Id), LinkDeployment.NetworkVersion, cancellation) : Told(endpoint, ArmDeed.Read);
        return record.IsOk ? await GoneAsync(LinkDeployment.Record(arm.Id, order.Id), LinkDeployment.DeploymentVersion, cancellation) : new PrivateLinkSight.Absent();
    }

    private async Task<PrivateLinkSight> DeployAsync(PrivateLinkOrder order, AzurePrivateLinkRegion network, CancellationToken cancellation)
    {
        var answer = await arm.PutAsync(LinkDeployment.Record(arm.Id, order.Id), LinkDeployment.DeploymentVersion, LinkDeployment.Body(order, network), cancellation);
        if (!answer.IsOk && answer.Error?.Has(c => c is "DeploymentActive") != true)
            return Told(answer, ArmDeed.Deploy);
        logger.Deployed(LinkDeployment.NameOf(order.Id), order.RegionName);
        return new PrivateLinkSight.UnderWay(answer.RetryAfter);
    }

    private async Task<PrivateLinkSight> AfterFailureAsync(PrivateLinkOrder order, AzurePrivateLinkRegion network, JsonElement? failed, CancellationToken cancellation)
    {
        var error = ArmError.In(failed) ?? new ArmError([new("DeploymentFailed", "Azure does not say why")]);
        if (ArmTroubles.IsForGood(error))
            return new PrivateLinkSight.Broken(error.Words);
        var rested = DateTimeOffset.TryParse(failed?.Text("timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? (time.GetUtcNow() - at).Duration() : Rest;
        if (rested < Rest)
            return new PrivateLinkSight.Unknown(error.Words);
        logger.DeploysAgain(LinkDeployment.NameOf(order.Id), error.Words);
        return await DeployAsync(order, network, cancellation);
    }

    private async Task<PrivateLinkSight> SeenAsync(LinkReading reading, CancellationToken cancellation)
    {
        if (reading is not { Sight: PrivateLinkSight.Up up, Interface: { } id, WithoutAddress: { } otherwise })
            return reading.Sight;
        var found = await arm.GetAsync(id, LinkDeployment.NetworkVersion, cancellation);
        if (!found.IsOk)
            return Told(found, ArmDeed.Read);
        return LinkReading.AddressIn(Properties(found)) is { } address && IPAddress.TryParse(address, out _) ? up with { Address = address } : otherwise;
    }

    private async Task<PrivateLinkSight> CancelAsync(PrivateLinkOrder order, CancellationToken cancellation)
    {
        var answer = await arm.PostAsync(LinkDeployment.Record(arm.Id, order.Id), "cancel", LinkDeployment.DeploymentVersion, cancellation);
        // 409: it ended meanwhile; gone: it is forgotten. The next look sees which.
        return answer.IsOk || answer.Status == 409 || answer.IsAbsent ? new PrivateLinkSight.UnderWay(answer.RetryAfter) : Told(answer, ArmDeed.Delete);
    }

    /// <summary>Also 204, and 404, are believed only when a look finds nothing.</summary>
    private async Task<PrivateLinkSight> GoneAsync(ResourceIdentifier resource, string version, CancellationToken cancellation)
    {
        var answer = await arm.DeleteAsync(resource, version, cancellation);
        return answer.IsOk || answer.IsAbsent ? new PrivateLinkSight.UnderWay(answer.RetryAfter) : Told(answer, ArmDeed.Delete);
    }

    private Task<ArmAnswer> RecordAsync(PrivateLinkOrder order, CancellationToken cancellation)
        => arm.GetAsync(LinkDeployment.Record(arm.Id, order.Id), LinkDeployment.DeploymentVersion, cancellation);

    private Task<ArmAnswer> EndpointAsync(PrivateLinkOrder order, CancellationToken cancellation)
        => arm.GetAsync(LinkDeployment.Endpoint(arm.Id, order.Id), LinkDeployment.NetworkVersion, cancellation);

    private static JsonElement? Properties(ArmAnswer answer) => answer.Body?.Find("properties");

    private static string? State(ArmAnswer answer) => Properties(answer)?.Text("provisioningState");

    private PrivateLinkSight Told(ArmAnswer answer, ArmDeed deed)
    {
        var sight = ArmTroubles.Of(answer, deed);
        // On the edge: each endpoint looks every few seconds, and one line says it for all.
        if (sight is PrivateLinkSight.Unknown unknown && Interlocked.Exchange(ref trouble, $"{answer.Status} {answer.Code}") != $"{answer.Status} {answer.Code}")
            logger.Hindered(unknown.Why);
        return sight;
    }

    private void Told(ArmAnswer good)
    {
        if (good.IsOk && Interlocked.Exchange(ref trouble, "").Length > 0)
            logger.Unhindered();
    }
}
