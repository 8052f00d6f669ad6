using Ear.CustomerKeys.Validation;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts;

/// <summary>Each hour, apart from the sweep: keys that are older than their project's alert configuration allows (R55).</summary>
public sealed class RemindOfRotation(RotationReminders reminders)
{
    [Function(nameof(RemindOfRotation))]
    public Task Run([TimerTrigger("0 7 * * * *")] TimerInfo timer, CancellationToken cancellation) => reminders.RunAsync(cancellation);
}
