using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Tests.Host;

public sealed class TimerFunctions(Seen seen, TimeProvider time)
{
    [Function("Sweep")]
    public void Sweep([TimerTrigger("%SweepSchedule%")] TimerInfo timer)
    {
        seen.Note("swept");
        seen.Note($"{time.GetUtcNow():HH:mm} {(timer.IsPastDue ? "late" : "on time")} next {timer.ScheduleStatus?.Next:HH:mm}");
    }
}

public sealed class SlowTimer(Seen seen)
{
    private static int s_running;

    [Function("SlowSweep")]
    public async Task Sweep([TimerTrigger("0 0 0 1 1 *")] TimerInfo timer, CancellationToken stopping)
    {
        seen.Note(Interlocked.Increment(ref s_running) == 1 ? "alone" : "together");
        try
        {
            await seen.Gate.Task.WaitAsync(TimeSpan.FromSeconds(15), stopping);
            seen.Note(timer.IsPastDue ? "finished late" : "finished");
        }
        finally
        {
            Interlocked.Decrement(ref s_running);
        }
    }
}

public sealed class FailingTimer(Seen seen)
{
    [Function("Failing")]
    public void Fail([TimerTrigger("0 */15 * * * *")] TimerInfo timer)
    {
        seen.Note("tried");
        throw new InvalidOperationException($"fails always, late: {timer.IsPastDue}");
    }
}
