using System.Runtime.InteropServices;
using Ear.Local.Machines;
using Spectre.Console;

namespace Ear.Local.Demo;

/// <summary><c>ear demo [--json] [--keep]</c>: plays the story on free ports in a temporary folder; 0 only if every check held.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(bool json, bool keep, TimeProvider time, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("ear-demo-").FullName;
        // An interrupt must end the processes of the story too, whichever way it comes.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Cancel(signal, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Cancel(signal, stop));
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Cancel(signal, stop));
        var reporter = ReporterFor(json);
        try
        {
            await using var stage = new Stage(folder, time);
            var story = await Story.PlayAsync(stage, reporter, stop.Token);
            reporter.Ended(story);
            return story.Failed == 0 && story.Steps.Count == 10 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return 130;
        }
        finally
        {
            (reporter as IDisposable)?.Dispose();
            LocalMachines.KillAll(folder);
            if (keep)
                await Console.Error.WriteLineAsync($"Kept: {folder}");
            else
                await DeleteAsync(folder, time);
        }
    }

    private static void Cancel(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static IReporter ReporterFor(bool json)
    {
        if (json)
            return new JsonReporter(Console.Out);
        return AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? new LiveReporter(AnsiConsole.Console) : new LineReporter(Console.Out);
    }

    // A process that was just killed may still hold or write a file for a moment.
    private static async Task DeleteAsync(string folder, TimeProvider time)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException e) when (attempt < 20)
            {
                _ = e;
                await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            }
            catch (IOException e)
            {
                await Console.Error.WriteLineAsync($"{folder} could not be removed: {e.Message}");
                return;
            }
        }
    }
}
