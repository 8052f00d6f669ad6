using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>A change of a project's cloud-provider-access roles: decided on what is stored, saved with its event.</summary>
public sealed class RoleChanges(IProjects projects, EventFactory events)
{
    /// <summary>Enough for any project; without one a loop in a client's script would grow the document for ever.</summary>
    public const int MaxRoles = 100;
    private const int MaxTries = 5;

    public static int Count(Project project) => project.AwsRoles.Length + project.AzureServicePrincipals.Length + project.GcpServiceAccounts.Length;

    /// <summary>Null: there is room for one more.</summary>
    public static Problem.InvalidField? Full(Project project)
        => Count(project) >= MaxRoles ? new("providerName", $"A project holds at most {MaxRoles} roles; delete unused ones.") : null;

    /// <param name="what">The end of the event's type: AWS_IAM_ROLE_ADDED.</param>
    public async Task<Outcome<T>> ApplyAsync<T>(
        ProjectId id, string what, string actor, RoleId role, Func<Project, Outcome<(Project Changed, T Role)>> change, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
                return new Problem.ProjectNotFound(id.Value);
            if (!change(stored.Document).IsOk(out var outcome, out var problem))
                return problem;
            var told = events.Make(id, $"CLOUD_PROVIDER_ACCESS_{what}", actor, new KeyValuePair<string, string>("roleId", role.Value));
            if ((await projects.SaveAsync(outcome.Changed, stored.Version, [told], cancellation)).Saved)
                return outcome.Role;
        }
        return new Problem.Conflict($"Project {id}");
    }
}
