namespace Ear.Local.Demo;

/// <summary>Waiting for something to become true, always with a bound.</summary>
internal static class Polling
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    /// <summary>False when it did not become true in time.</summary>
    public static async Task<bool> UntilAsync(TimeProvider time, TimeSpan bound, Func<Task<bool>> condition, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (!await condition())
        {
            if (time.GetElapsedTime(start) > bound)
                return false;
            await Task.Delay(Step, time, cancellation);
        }
        return true;
    }
}
