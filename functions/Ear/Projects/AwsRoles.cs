using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>The IAM roles that a project lets Ear assume: made, authorised after a real AssumeRole, and removed when nothing uses them (spec atlas-ear §2.11).</summary>
public sealed class AwsRoles(IProjects projects, IAwsRoles aws, IIds ids, EventFactory events)
{
    /// <summary>Enough for any project; without one a loop in a client's script would grow the document for ever.</summary>
    public const int MaxRoles = 100;
    private const int MaxTries = 5;

    public Task<Outcome<AwsAccessRole>> CreateAsync(ProjectId id, string actor, CancellationToken cancellation)
    {
        var role = new AwsAccessRole(ids.New<RoleId>(), ids.NewGuid().ToString("D"), events.Now);
        return ChangeAsync(id, "ADDED", actor, role.Id, project => project.AwsRoles.Length >= MaxRoles
            ? new Problem.InvalidField("providerName", $"A project holds at most {MaxRoles} roles; delete unused ones.")
            : (project with { AwsRoles = project.AwsRoles.Add(role) }, role), cancellation);
    }

    public async Task<Outcome<AwsAccessRole>> AuthorizeAsync(Project project, RoleId id, string arn, string actor, CancellationToken cancellation)
    {
        if (project.AwsRoles.FirstOrDefault(r => r.Id == id) is not { } asked)
            return new Problem.RoleNotFound(id.Value);
        switch (await aws.TryAssumeAsync(arn, asked.ExternalId, cancellation))
        {
            case KeyVerdict.Invalid:
                return new Problem.CannotAssumeRole(arn);
            case KeyVerdict.Unknown unknown:
                return new Problem.KeyUnreachable(KeyProvider.Aws, unknown.Reason, unknown.Detail);
        }
        return await ChangeAsync(project.Id, "UPDATED", actor, id, current =>
        {
            if (current.AwsRoles.FirstOrDefault(r => r.Id == id) is not { } role)
                return new Problem.RoleNotFound(id.Value);
            var authorized = role with { IamAssumedRoleArn = arn, Authorized = events.Now };
            return (current with { AwsRoles = current.AwsRoles.Replace(role, authorized) }, authorized);
        }, cancellation);
    }

    public Task<Outcome<AwsAccessRole>> DeleteAsync(ProjectId id, RoleId role, string actor, CancellationToken cancellation)
        => ChangeAsync(id, "DELETED", actor, role, project =>
        {
            if (project.AwsRoles.FirstOrDefault(r => r.Id == role) is not { } found)
                return new Problem.RoleNotFound(role.Value);
            return project.EncryptionAtRest.Aws?.RoleId == role
                ? new Problem.RoleInUse(role.Value)
                : (project with { AwsRoles = project.AwsRoles.Remove(found) }, found);
        }, cancellation);

    private async Task<Outcome<AwsAccessRole>> ChangeAsync(
        ProjectId id, string what, string actor, RoleId role, Func<Project, Outcome<(Project Changed, AwsAccessRole Role)>> change, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
                return new Problem.ProjectNotFound(id.Value);
            if (!change(stored.Document).IsOk(out var outcome, out var problem))
                return problem;
            var told = events.Make(id, $"CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_{what}", actor, new KeyValuePair<string, string>("roleId", role.Value));
            if ((await projects.SaveAsync(outcome.Changed, stored.Version, [told], cancellation)).Saved)
                return outcome.Role;
        }
        return new Problem.Conflict($"Project {id}");
    }
}
