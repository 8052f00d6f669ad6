using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>
/// "Try again" (R36 c, R49): checks every enabled key of a project now. Single-flight per project: a caller that comes while a
/// check runs gets that check's answer. At most 10 s; a key that gave no answer by then is
/// <see cref="KeyVerdict.Unknown"/> and keeps its last known <see cref="KeyStanding.Valid"/> (C10, C15).
/// What was learnt is saved with its events and alerts before the answer. A no stops nothing, that is the sweep's (C11); a yes
/// wakes the clusters at once.
/// </summary>
public interface IOnDemandValidation
{
    /// <summary>The project as it stands afterwards; null when there is no such project.</summary>
    Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation);
}
