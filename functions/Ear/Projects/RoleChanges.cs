using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>A change of a project's cloud-provider-access roles: decided on what is stored, saved with its event.</summary>
public sealed class RoleChanges(ProjectChanges changes, EventFactory events)
{
    /// <summary>Enough for any project; without one a loop in a client's script would grow the document for ever.</summary>
    public const int MaxRoles = 100;

    public static int Count(Project project) => project.AwsRoles.Length + project.AzureServicePrincipals.Length + project.GcpServiceAccounts.Length;

    /// <summary>Null: there is room for one more.</summary>
    public static Problem.InvalidField? Full(Project project)
        => Count(project) >= MaxRoles ? new("providerName", $"A project holds at most {MaxRoles} roles; delete unused ones.") : null;

    /// <param name="what">The end of the event's type: AWS_IAM_ROLE_ADDED.</param>
    /// <param name="change">Answers with the very project that it was given when there is nothing to change.</param>
    public async Task<Outcome<T>> ApplyAsync<T>(
        ProjectId id, string what, string actor, RoleId role, Func<Project, Outcome<(Project Changed, T Role)>> change, CancellationToken cancellation)
    {
        T? decided = default;
        var saved = await changes.ApplyAsync(id, project => change(project).Map(outcome =>
        {
            decided = outcome.Role;
            return new ProjectChange(outcome.Changed, events.Make(id, $"CLOUD_PROVIDER_ACCESS_{what}", actor, new KeyValuePair<string, string>("roleId", role.Value)));
        }), cancellation);
        return saved.Map(_ => decided!);
    }
}
