using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Functions.Projects;

/// <summary>Reads a PUT; what only Atlas writes is not looked at, so that an answer can be sent back as it is.</summary>
/// <param name="NotRun">The first promise that this Ear could not keep; null: none.</param>
internal sealed record BackupComplianceBody(string? ProjectId, string? Email, string? FirstName, string? LastName, bool EncryptionAtRest, Problem? NotRun)
{
    public static BackupComplianceBody Parse(BodyFields body)
    {
        var copies = body.Flag("copyProtectionEnabled") is true;
        var continuous = body.Flag("pitEnabled") is true;
        var window = body.Integer("restoreWindowDays") is not (null or 0);
        var scheduled = body.HasItems("scheduledPolicyItems");
        var onDemand = body.Object("onDemandPolicyItem") is { IsEmpty: false };
        return new(
            body.Text("projectId"), body.Text("authorizedEmail"), body.Text("authorizedUserFirstName"), body.Text("authorizedUserLastName"), body.Flag("encryptionAtRestEnabled") is true,
            copies ? new Problem.NotRunHere("copyProtectionEnabled", "Protection of backup copies")
                : continuous ? new Problem.NotRunHere("pitEnabled", "Continuous backup")
                : window ? new Problem.NotRunHere("restoreWindowDays", "Continuous backup")
                : scheduled ? new Problem.NotRunHere("scheduledPolicyItems", "A schedule of backups that is promised")
                : onDemand ? new Problem.NotRunHere("onDemandPolicyItem", "A retention of backups that is promised")
                : null);
    }

    public Outcome<AuthorizedPerson> Complete(ProjectId project, bool namesDemanded)
    {
        if (string.IsNullOrEmpty(Email))
            return new Problem.MissingField("authorizedEmail");
        if (!System.Net.Mail.MailAddress.TryCreate(Email, out var parsed) || parsed.Address != Email)
            return new Problem.InvalidField("authorizedEmail", "An e-mail address.");
        if (namesDemanded && string.IsNullOrEmpty(FirstName))
            return new Problem.MissingField("authorizedUserFirstName");
        if (namesDemanded && string.IsNullOrEmpty(LastName))
            return new Problem.MissingField("authorizedUserLastName");
        if (ProjectId is not (null or "") && ProjectId != project.Value)
            return new Problem.InvalidField("projectId", "The project of the path.");
        return NotRun is not null ? NotRun : new AuthorizedPerson(Email, FirstName ?? "", LastName ?? "");
    }
}
