using System.Collections.Concurrent;
using Ear.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

/// <summary>Kills the engine around each of its commits, starts it again on the same file, and compares the end with that of an uncrashed run.</summary>
public sealed class CrashTests
{
    private const int MostCommits = 500;

    private readonly ConcurrentDictionary<string, int> _effects = new(StringComparer.Ordinal);

    [Fact]
    public async Task Killed_before_any_commit_the_story_has_the_same_end()
    {
        await CompareAllAsync(done: false);
    }

    [Fact]
    public async Task Killed_after_any_commit_and_before_anybody_is_told_the_story_has_the_same_end()
    {
        await CompareAllAsync(done: true);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Killed_again_and_again_the_story_has_the_same_end(int every, bool done)
    {
        var expected = await PlayAsync(_ => { });
        var effects = Effects();

        var (crashes, end) = (0, "");
        end = await PlayAsync(point =>
        {
            if (point.Number == every && point.Done == done)
            {
                Interlocked.Increment(ref crashes);
                throw new Killed();
            }
        });

        Assert.Equal(expected, end);
        Assert.Equal(effects, Effects());
        Assert.True(crashes > 5, $"only {crashes} crashes");
    }

    [Fact]
    public async Task An_answer_lost_after_its_effect_makes_the_activity_run_again_and_the_orchestration_sees_one_result()
    {
        var runs = 0;
        await using var world = DurableWorld.With(functions => functions
            .AddActivity<string, int>("Effect", _ => Task.FromResult(Interlocked.Increment(ref runs)))
            .AddOrchestrator("Once", async context => new[] { await context.CallActivityAsync<int>("Effect"), 100 }));

        // Commit 1 creates the instance, 2 asks for the activity, 3 would record its answer.
        await world.StartAsync(options => options with { CommitHook = point => DieAt(point, 3) });
        var id = await world.ScheduleAsync("Once", id: "once");
        await world.Engine.Died.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await world.RestartAsync();

        Assert.Equal([2, 100], (await world.EndAsync(id)).ReadOutputAs<List<int>>());
        Assert.Equal(2, runs);
    }

    private static void DieAt(CommitPoint point, int number)
    {
        if (point.Number == number && !point.Done)
            throw new Killed();
    }

    private async Task CompareAllAsync(bool done)
    {
        var expected = await PlayAsync(_ => { });
        var effects = Effects();

        var number = 1;
        for (var crashed = true; crashed; number++)
        {
            Assert.True(number < MostCommits, "the story does not end");
            var target = number;
            var killed = 0;
            var end = await PlayAsync(point =>
            {
                if (point.Number == target && point.Done == done && Interlocked.Exchange(ref killed, 1) == 0)
                    throw new Killed();
            });
            crashed = killed == 1;
            Assert.True(expected == end, $"killed at commit {target}: {end} instead of {expected}");
            Assert.Equal(effects, Effects());
        }

        Assert.True(number > 15, $"the story had only {number} commits");
    }

    private string Effects() => string.Join(' ', _effects.Keys.Order(StringComparer.Ordinal));

    /// <summary>Two rounds of a story with every kind of step, told by an outside driver that repeats what it got no answer to.</summary>
    private async Task<string> PlayAsync(Action<CommitPoint> hook)
    {
        _effects.Clear();
        await using var world = DurableWorld.With(Story);
        await world.StartAsync(options => options with { CommitHook = hook });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        OrchestrationMetadata? seen = null;
        while (seen is not { IsCompleted: true })
        {
            Assert.False(patience.IsCancellationRequested, $"the story does not end: {seen?.SerializedCustomStatus}");
            if (world.Engine.Died.IsCompleted)
                await world.RestartAsync(options => options with { CommitHook = hook });
            try
            {
                seen = await DriveAsync(world);
            }
            catch (Killed)
            {
                // The driver does not know whether it was done: it looks again, as any client would.
            }
        }

        return $"{seen.RuntimeStatus} {seen.SerializedOutput} {seen.SerializedCustomStatus}";
    }

    private static async Task<OrchestrationMetadata?> DriveAsync(DurableWorld world)
    {
        var seen = await world.Client.GetInstanceAsync("story", getInputsAndOutputs: true, TestContext.Current.CancellationToken);
        if (seen is null)
        {
            await world.ScheduleAsync("Story", new Chapter(1, []), id: "story");
            return null;
        }

        var status = seen.SerializedCustomStatus is null ? "" : seen.ReadCustomStatusAs<string>()!;
        if (status.StartsWith("waiting for ", StringComparison.Ordinal))
            await world.RaiseAsync("story", status["waiting for ".Length..], "yes");
        else if (status == "asleep")
            world.Time.Advance(TimeSpan.FromMinutes(1));
        await Task.Yield();
        return seen;
    }

    private void Story(DurableFunctions functions) => functions
        .AddActivity("Do", (call, _) =>
        {
            _effects.AddOrUpdate(call.Input!, 1, (_, n) => n + 1);
            return Task.FromResult<string?>(call.Input);
        })
        .AddOrchestrator("Part", async context =>
        {
            var name = context.GetInput<string>()!;
            return await context.CallActivityAsync<string>("Do", name + ".1") + await context.CallActivityAsync<string>("Do", name + ".2");
        })
        .AddOrchestrator("Story", async context =>
        {
            var (number, pages) = context.GetInput<Chapter>()!;
            pages.Add(await context.CallActivityAsync<string>("Do", $"first {number}"));
            pages.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(n => context.CallActivityAsync<string>("Do", $"parallel {number}.{n}"))));

            context.SetCustomStatus("asleep");
            await context.CreateTimer(TimeSpan.FromMinutes(1), CancellationToken.None);
            context.SetCustomStatus($"waiting for approval-{number}");
            pages.Add(await context.WaitForExternalEvent<string>($"Approval-{number}"));

            context.SetCustomStatus("parts");
            pages.Add(await context.CallSubOrchestratorAsync<string>("Part", $"part {number}", new SubOrchestrationOptions(instanceId: $"part-{number}")));
            if (number < 2)
                context.ContinueAsNew(new Chapter(number + 1, pages));
            return pages;
        });

    private sealed record Chapter(int Number, List<string> Pages);

    private sealed class Killed() : Exception("killed by the test");
}
