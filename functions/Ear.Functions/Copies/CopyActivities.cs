using Ear.Copies;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Copies;

/// <summary>What a copy is made of. Each may run again after its answer was lost: a part then lies there twice, and the manifest names one; two manifests say the same.</summary>
public sealed class CopyActivities(IStateCopies copies)
{
    [Function(nameof(PlanCopy))]
    public Task<CopyPlan> PlanCopy([ActivityTrigger] string copy, CancellationToken cancellation) => copies.PlanAsync(cancellation);

    [Function(nameof(CopyPart))]
    public Task<CopiedPart> CopyPart([ActivityTrigger] CopyStep step, CancellationToken cancellation) => copies.CopyAsync(step, cancellation);

    [Function(nameof(FinishCopy))]
    public Task FinishCopy([ActivityTrigger] WholeCopy copy, CancellationToken cancellation) => copies.FinishAsync(copy, cancellation);
}
