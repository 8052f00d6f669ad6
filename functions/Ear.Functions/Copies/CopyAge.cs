using Ear.Copies;
using Ear.Telemetry;

namespace Ear.Functions.Copies;

/// <summary>How old the newest whole copy is. Where nothing is copied there is nothing to tell; where nothing was copied yet, it is as old as this process.</summary>
internal sealed class CopyAge(IStateCopies copies, TimeProvider time) : IGaugeSource
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
        => copies.IsOn ? before with { NewestCopy = await copies.NewestAsync(cancellation) ?? _started } : before;
}
