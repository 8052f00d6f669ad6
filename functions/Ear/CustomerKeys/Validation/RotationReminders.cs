using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>Looks at the age of every configured key, page by page, without asking any provider (R55).</summary>
public sealed class RotationReminders(IProjects projects, KeyAlerts alerts)
{
    private const int PageSize = 500;

    /// <returns>How many projects have a key.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var looked = 0;
        string? next = null;
        do
        {
            var page = await projects.PageAsync(next, PageSize, cancellation);
            foreach (var project in page.Items.Where(p => !p.EncryptionAtRest.Standings.IsEmpty))
            {
                await alerts.SyncAsync(project, cancellation);
                looked++;
            }
            next = page.Continuation;
        }
        while (next is not null);
        return looked;
    }
}
