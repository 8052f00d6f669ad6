using System.Collections.Immutable;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Projects;

/// <summary>What is said of a project that is to be made, or changed.</summary>
internal sealed record GroupBody(string? Name, OrgId? OrgId, string? RegionUsageRestrictions, ImmutableArray<ProjectTag>? Tags, bool? WithDefaultAlertsSettings)
{
    private const string Commercial = "COMMERCIAL_FEDRAMP_REGIONS_ONLY";

    public static GroupBody Parse(BodyFields body) => new(
        body.Text("name"),
        body.Parsed<OrgId>("orgId", "24 lower-case hexadecimal characters"),
        body.Text("regionUsageRestrictions"),
        body.Objects("tags", t => new ProjectTag(t.Text("key") ?? "", t.Text("value") ?? "")),
        body.Flag("withDefaultAlertsSettings"));

    public Outcome<NewProject> Complete(HttpRequest request, ProjectId id, ImmutableArray<string> ownerEmails)
    {
        if (request.Query.ContainsKey("projectOwnerId"))
            return new Problem.NotRunHere("projectOwnerId", "A user as owner (there are API keys and service accounts)");
        if (NotRun() is { } refused)
            return refused;
        if (Name is not { } name)
            return new Problem.MissingField("name");
        return OrgId is { } organisation ? new NewProject(id, organisation, name, Tags ?? [], ownerEmails) : new Problem.MissingField("orgId");
    }

    public Outcome<ProjectPatch> Change() => NotRun() is { } refused ? refused : new ProjectPatch(Name, Tags);

    private Problem? NotRun()
    {
        if (RegionUsageRestrictions is not (null or Commercial))
            return new Problem.NotRunHere("regionUsageRestrictions", $"Anything but {Commercial}");
        return WithDefaultAlertsSettings is false ? new Problem.NotRunHere("withDefaultAlertsSettings", "A project without the default alert settings") : null;
    }
}
