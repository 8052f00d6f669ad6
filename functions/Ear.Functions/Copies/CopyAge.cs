using Ear.Copies;
using Ear.Telemetry;

namespace Ear.Functions.Copies;

/// <summary>How old the newest whole copy is. Where nothing is copied there is nothing to tell.</summary>
internal sealed class CopyAge(IStateCopies copies) : IGaugeSource
{
    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation) => before with { NewestCopy = await copies.NewestAsync(cancellation) };
}
