using Ear.Projects;

namespace Ear.Alerts.Webhooks;

/// <summary>Alerts as the API shows them, which is how a webhook gets them.</summary>
public interface IAlertDocuments
{
    /// <returns>JSON; the same bytes for the same alert.</returns>
    ReadOnlyMemory<byte> Of(Project project, Alert alert);
}
