using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>The IAM roles that a project lets Ear assume: made, and authorised after a real AssumeRole (spec atlas-ear §2.11).</summary>
public sealed class AwsRoles(RoleChanges changes, IAwsRoles aws, EventFactory events)
{
    /// <summary>Told twice is told once: a role that is there under the very id is the one that was asked for.</summary>
    public Task<Outcome<AwsAccessRole>> CreateAsync(ProjectId id, IIds ids, string actor, CancellationToken cancellation)
    {
        var role = new AwsAccessRole(ids.New<RoleId>(), ids.NewGuid().ToString("D"), events.Now);
        return changes.ApplyAsync<AwsAccessRole>(id, "AWS_IAM_ROLE_ADDED", actor, role.Id, project =>
        {
            if (project.AwsRoles.FirstOrDefault(r => r.Id == role.Id) is { } made)
                return (project, made);
            return RoleChanges.Full(project) is { } full ? full : (project with { AwsRoles = project.AwsRoles.Add(role) }, role);
        }, cancellation);
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
        return await changes.ApplyAsync<AwsAccessRole>(project.Id, "AWS_IAM_ROLE_UPDATED", actor, id, current =>
        {
            if (current.AwsRoles.FirstOrDefault(r => r.Id == id) is not { } role)
                return new Problem.RoleNotFound(id.Value);
            var authorized = role with { IamAssumedRoleArn = arn, Authorized = events.Now };
            return (current with { AwsRoles = current.AwsRoles.Replace(role, authorized) }, authorized);
        }, cancellation);
    }
}
