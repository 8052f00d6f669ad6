using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Projects;

internal sealed record GroupBody(string? Name, OrgId? OrgId, string? RegionUsageRestrictions, bool HasTags)
{
    private const string Commercial = "COMMERCIAL_FEDRAMP_REGIONS_ONLY";

    public static GroupBody Parse(BodyFields body) => new(
        body.Text("name"),
        body.Parsed<OrgId>("orgId", "24 lower-case hexadecimal characters"),
        body.Text("regionUsageRestrictions"),
        body.HasItems("tags"));

    public Outcome<NewGroup> Complete(HttpRequest request)
    {
        if (request.Query.ContainsKey("projectOwnerId"))
            return new Problem.NotRunHere("projectOwnerId", "A user as owner (there are API keys and service accounts)");
        if (RegionUsageRestrictions is not (null or Commercial))
            return new Problem.NotRunHere("regionUsageRestrictions", $"Anything but {Commercial}");
        if (HasTags)
            return new Problem.NotRunHere("tags", "Tagging of projects");
        if (Name is not { } name)
            return new Problem.MissingField("name");
        return OrgId is { } organisation ? new NewGroup(name, organisation) : new Problem.MissingField("orgId");
    }
}

internal sealed record NewGroup(string Name, OrgId OrgId);
