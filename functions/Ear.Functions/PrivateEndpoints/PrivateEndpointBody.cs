using Ear.CustomerKeys;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Reads a POST. Terraform says the provider here too, beside the path.</summary>
internal sealed record PrivateEndpointBody(string? CloudProvider, string? RegionName)
{
    public static PrivateEndpointBody Parse(BodyFields body) => new(body.Given("cloudProvider"), body.Given("regionName"));

    public Outcome<PrivateEndpointWish> Complete(KeyProvider provider)
    {
        if (CloudProvider is not null && CloudProvider != provider.AtlasName())
            return new Problem.InvalidField("cloudProvider", $"The path says {provider.AtlasName()}.");
        return RegionName is { } region ? new PrivateEndpointWish(provider, region) : new Problem.MissingField("regionName");
    }
}

internal sealed record PrivateEndpointWish(KeyProvider Provider, string RegionName);
