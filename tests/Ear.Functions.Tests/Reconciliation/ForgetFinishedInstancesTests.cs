using Ear.Functions.Durable;
using Ear.Functions.Validation;
using Ear.Telemetry;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Reconciliation;

public sealed class ForgetFinishedInstancesTests
{
    [Theory]
    [InlineData(13, true)]
    [InlineData(15, false)]
    public async Task A_finished_sweep_is_kept_for_two_weeks(int days, bool kept)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        await new ValidateCustomerKeys(time, new EarMeters(), NullLogger<ValidateCustomerKeys>.Instance).Run(new(), world.Client, cancellation);
        const string sweep = "sweep-20261124T120000Z";
        await world.UntilAsync(async () => await world.Client.GetInstanceAsync(sweep, cancellation) is { RuntimeStatus: OrchestrationRuntimeStatus.Completed });
        time.Advance(TimeSpan.FromDays(days));

        await new ForgetFinishedInstances(time).Run(new(), world.Client, cancellation);
        Assert.Equal(kept, await world.Client.GetInstanceAsync(sweep, cancellation) is not null);
    }
}
