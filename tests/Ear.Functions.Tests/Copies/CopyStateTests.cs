using Ear.Copies;
using Ear.Functions.Copies;
using Ear.Functions.Durable;
using Ear.Local.Durable;
using Ear.Local.Durable.Hosting;
using Ear.Local.Host;
using Ear.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Functions.Tests.Copies;

/// <summary>The copy as an orchestration on the real engine.</summary>
public sealed class CopyStateTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ear-copies-").FullName;
    private readonly Recorded _copies = new();
    private FunctionsHost? _host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_lane_is_copied_to_its_end_the_keys_after_all_of_them_and_the_manifest_last()
    {
        var client = await StartAsync();

        await RunAsync(client);

        var whole = Assert.Single(_copies.Finished);
        Assert.Equal(_copies.Steps.Count, whole.Parts.Length);
        Assert.Equal(whole.Parts.Select(p => p.Blob).Order(StringComparer.Ordinal), _copies.Steps.Select(Recorded.BlobOf).Order(StringComparer.Ordinal));
        foreach (var lane in _copies.Steps.GroupBy(s => s.Lane.Name))
        {
            // Each part begins where the one before it ended.
            Assert.Equal(Enumerable.Range(0, Recorded.PartsOf(lane.Key)), lane.Select(s => s.Number));
            Assert.Equal(lane.Select(s => s.Number == 0 ? null : $"{s.Number - 1}"), lane.Select(s => s.After?.Row));
        }
        Assert.Equal("keys", _copies.Steps[^1].Lane.Name);
        Assert.Equal(1, _copies.Steps.Count(s => s.Lane.Name == "keys"));
        Assert.All(_copies.Steps, s => Assert.Equal(whole.Copy, s.Copy));
        Assert.Equal("keys-00000", whole.Parts[^1].Blob);
        Assert.True(whole.Began <= whole.Ended);
    }

    [Fact]
    public async Task A_step_that_fails_is_done_again_and_the_copy_becomes_whole()
    {
        _copies.Fails = step => step is { Number: 1, Lane.Name: "lane-4" } && _copies.Tries < 1;
        var client = await StartAsync();

        await RunAsync(client);

        Assert.Equal(1, _copies.Tries);
        Assert.Equal(_copies.Steps.Count, Assert.Single(_copies.Finished).Parts.Length);
    }

    [Fact]
    public async Task A_timer_that_fires_twice_at_its_moment_makes_one_copy_and_where_there_is_no_place_none()
    {
        var client = await StartAsync();
        var function = new CopyState(_copies, new Frozen(), new EarMeters(), NullLogger<CopyState>.Instance);
        await function.Run(null!, client, Cancellation);
        await function.Run(null!, client, Cancellation);
        await client.WaitForInstanceCompletionAsync(Frozen.Instance, Cancellation);
        Assert.Single(_copies.Finished);

        await new CopyState(new NoStateCopies(), TimeProvider.System, new EarMeters(), NullLogger<CopyState>.Instance).Run(null!, client, Cancellation);
        Assert.Single(await client.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: "copy-")).ToListAsync(Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task RunAsync(DurableTaskClient client)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(CopyStateInParts), new CopyStart("2026-11-24T023000Z"), cancellation: Cancellation);
        var done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, Cancellation);
        Assert.True(done.RuntimeStatus is OrchestrationRuntimeStatus.Completed, done.FailureDetails?.ErrorMessage);
    }

    private async Task<DurableTaskClient> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["CopySchedule"] = "0 30 2 * * *";
        builder.Services.AddSingleton<IStateCopies>(_copies).AddSingleton<IIds, SystemIds>();
        var options = new FunctionsHostOptions { DataFolder = _folder };
        builder.Services.AddDurable(options, new DurableOptions { File = Path.Combine(_folder, "durable.db") });
        // Without the timer, which would make a copy of its own at its hour.
        _host = FunctionsHost.Build(builder, [typeof(CopyStateInParts), typeof(CopyActivities)], options, app =>
        {
            app.ConfigureFunctionsWebApplication();
            app.UseMiddleware<OrchestrationWatch>();
            app.Services.AddCopies();
        });
        await _host.StartAsync(Cancellation);
        return _host.Services.GetRequiredService<DurableTaskClient>();
    }

    private sealed class Frozen : TimeProvider
    {
        public const string Instance = "copy-2026-11-24T023000Z";

        public override DateTimeOffset GetUtcNow() => new(2026, 11, 24, 2, 30, 0, TimeSpan.Zero);
    }

    /// <summary>Twenty lanes of one to three parts.</summary>
    private sealed class Recorded : IStateCopies
    {
        private readonly Lock _gate = new();
        private readonly List<CopyStep> _steps = [];

        public Func<CopyStep, bool> Fails { get; set; } = _ => false;

        public int Tries { get; private set; }

        public List<WholeCopy> Finished { get; } = [];

        public IReadOnlyList<CopyStep> Steps
        {
            get
            {
                lock (_gate)
                    return [.. _steps];
            }
        }

        public bool IsOn => true;

        public static int PartsOf(string lane) => lane == "keys" ? 1 : 1 + (lane[^1] - '0') % 3;

        public static string BlobOf(CopyStep step) => $"{step.Lane.Name}-{step.Number:D5}";

        public Task<CopyPlan> PlanAsync(CancellationToken cancellation)
            => Task.FromResult(new CopyPlan([.. Enumerable.Range(0, 20).Select(i => new CopyLane($"lane-{i}", CopyTable.Documents, $"{i}", null))], new("keys", CopyTable.Index, null, null)));

        public Task<CopiedPart> CopyAsync(CopyStep step, CancellationToken cancellation)
        {
            lock (_gate)
            {
                if (Fails(step))
                {
                    Tries++;
                    throw new IOException("The account is away.");
                }
                _steps.Add(step);
            }
            return Task.FromResult(new CopiedPart(BlobOf(step), step.Lane.Table, 1, 1, "", 0, step.Number + 1 < PartsOf(step.Lane.Name) ? new("p", $"{step.Number}") : null));
        }

        public Task FinishAsync(WholeCopy copy, CancellationToken cancellation)
        {
            Finished.Add(copy);
            return Task.CompletedTask;
        }

        public Task<DateTimeOffset?> NewestAsync(CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(null);
    }
}
