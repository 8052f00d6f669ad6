using System.Globalization;
using Ear.Copies;
using Ear.Functions.Durable;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Copies;

/// <summary>Once a day, and at once by <c>POST /admin/functions/CopyState</c>: Ear's own state is copied away, if there is a place for it.</summary>
public sealed class CopyState(IStateCopies copies, TimeProvider time, EarMeters meters, ILogger<CopyState> logger)
{
    private const string Prefix = "copy-";

    // A copy's name, and so what a timer that fires twice at its moment cannot make two of.
    private const string NameForm = "yyyy-MM-dd'T'HHmmss'Z'";

    [Function(nameof(CopyState))]
    public async Task Run([TimerTrigger("%CopySchedule%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        if (!copies.IsOn)
        {
            Log.NothingCopied(logger);
            return;
        }
        var name = time.GetUtcNow().ToString(NameForm, CultureInfo.InvariantCulture);
        if (await client.StartUnlessAliveAsync(meters, nameof(CopyStateInParts), new CopyStart(name), Prefix + name, cancellation))
            Log.CopyStarted(logger, name);
    }
}
