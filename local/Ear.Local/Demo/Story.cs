using Ear.Local.Demo.Steps;

namespace Ear.Local.Demo;

/// <summary>
/// The story that <c>ear demo</c> plays: ten steps on real parts, from plain data to a revoked key and back, each checking
/// itself. A step that throws is a failed check with the reason, and ends the story: the later ones build on it.
/// </summary>
internal static class Story
{
    private static readonly (string Name, Func<Stage, StepLog, CancellationToken, Task> Play)[] Steps =
    [
        ("Start Ear on one machine", StartEar.PlayAsync),
        ("Create a project's cluster: three members, not yet encrypted", CreateCluster.PlayAsync),
        ("Write 20,000 documents; they are readable in the data files", WritePlain.PlayAsync),
        ("Create a customer key and let Ear use it; wrong settings are refused", ConfigureKey.PlayAsync),
        ("Encrypt the running cluster, member by member", EncryptCluster.PlayAsync),
        ("The key service is unreachable: nothing stops", OutageStopsNothing.PlayAsync),
        ("The key is disabled: the whole cluster goes down", RevokeKey.PlayAsync),
        ("Change the cluster while it is down: queued", QueueUpdate.PlayAsync),
        ("Enable the key and try again: the cluster returns", RestoreKey.PlayAsync),
        ("Kill all of Ear in the middle of a re-sync; it goes on where it was", KillEverything.PlayAsync),
    ];

    public static async Task<StoryResult> PlayAsync(Stage stage, IReporter reporter, CancellationToken cancellation)
    {
        var results = new List<StepResult>();
        var whole = stage.Time.GetTimestamp();
        foreach (var (number, (name, play)) in Steps.Index())
        {
            reporter.StepStarted(number + 1, name);
            var log = new StepLog(reporter);
            var start = stage.Time.GetTimestamp();
            var ended = await TryPlayAsync(play, stage, log, cancellation);
            results.Add(new(name, Math.Round(stage.Time.GetElapsedTime(start).TotalSeconds, 2), log.Checks));
            reporter.StepEnded(results[^1]);
            if (!ended)
                break;
        }
        stage.Figures["seconds in all"] = Math.Round(stage.Time.GetElapsedTime(whole).TotalSeconds, 1);
        return new(results, stage.Figures);
    }

    private static async Task<bool> TryPlayAsync(Func<Stage, StepLog, CancellationToken, Task> play, Stage stage, StepLog log, CancellationToken cancellation)
    {
        try
        {
            await play(stage, log, cancellation);
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.Check("the step came to its end", false, $"{e.GetType().Name}: {e.Message}");
            return false;
        }
    }
}
