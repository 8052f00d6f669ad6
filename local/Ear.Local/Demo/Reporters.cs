using System.Text.Json;
using Spectre.Console;

namespace Ear.Local.Demo;

/// <summary>Plain lines, for logs and pipes.</summary>
internal sealed class LineReporter(TextWriter output) : IReporter
{
    public void StepStarted(int number, string name) => output.WriteLine($"{number,2}. {name}");

    public void Doing(string what) => output.WriteLine($"      … {what}");

    public void Checked(Check check) => output.WriteLine($"      {(check.Held ? "held  " : "FAILED")} {check.Name}: {check.Seen}");

    public void StepEnded(StepResult step) => output.WriteLine($"      {step.Seconds:0.0} s");

    public void Ended(StoryResult story)
    {
        foreach (var (name, value) in story.Figures)
            output.WriteLine($"    {name}: {value}");
        output.WriteLine($"{story.Held} checks held, {story.Failed} failed");
    }
}

/// <summary>Nothing but one document at the end: {"steps":[{"name","seconds","checks":[{"name","held","seen"}]}],"figures":{…},"held":n,"failed":n}.</summary>
internal sealed class JsonReporter(TextWriter output) : IReporter
{
    public void StepStarted(int number, string name)
    {
    }

    public void Doing(string what)
    {
    }

    public void Checked(Check check)
    {
    }

    public void StepEnded(StepResult step)
    {
    }

    public void Ended(StoryResult story)
        => output.WriteLine(JsonSerializer.Serialize(new { story.Steps, story.Figures, story.Held, story.Failed }, EarJson.Options));
}

/// <summary>A live table on a terminal.</summary>
internal sealed class LiveReporter : IReporter, IDisposable
{
    private readonly Table table = new Table().RoundedBorder().AddColumns("", "What", "Seen", "Seconds");
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task live;
    private LiveDisplayContext? context;

    public LiveReporter(IAnsiConsole console)
    {
        live = console.Live(table).AutoClear(false).StartAsync(async display =>
        {
            context = display;
            await ended.Task;
        });
    }

    public void StepStarted(int number, string name) => Draw(() => table.AddRow($"[bold]{number}[/]", $"[bold]{Markup.Escape(name)}[/]", "…", ""));

    public void Doing(string what) => Draw(() => table.UpdateCell(table.Rows.Count - 1, 2, $"[grey]{Markup.Escape(what)}[/]"));

    public void Checked(Check check) => Draw(() =>
    {
        // The step's own row stays last while it runs, so that "doing" always has a place: checks go in above it.
        var mark = check.Held ? "[green]held[/]" : "[red]FAILED[/]";
        table.InsertRow(table.Rows.Count - 1, new Markup(mark), new Markup(Markup.Escape(check.Name)), new Markup(Markup.Escape(check.Seen)), Text.Empty);
    });

    public void StepEnded(StepResult step) => Draw(() =>
    {
        table.UpdateCell(table.Rows.Count - 1, 2, step.Checks.All(c => c.Held) ? "[green]done[/]" : "[red]not as told[/]");
        table.UpdateCell(table.Rows.Count - 1, 3, $"{step.Seconds:0.0}");
    });

    public void Ended(StoryResult story)
    {
        ended.TrySetResult();
        live.Wait();
        foreach (var (name, value) in story.Figures)
            AnsiConsole.MarkupLineInterpolated($"[grey]{name}:[/] {value}");
        AnsiConsole.MarkupLineInterpolated($"{story.Held} checks held, {story.Failed} failed");
    }

    public void Dispose()
    {
        ended.TrySetResult();
        live.Wait();
    }

    private void Draw(Action change)
    {
        lock (gate)
        {
            change();
            context?.Refresh();
        }
    }
}
