namespace Ear.Local.Demo;

/// <summary>One thing that must hold, and what was seen.</summary>
internal sealed record Check(string Name, bool Held, string Seen);

internal sealed record StepResult(string Name, double Seconds, IReadOnlyList<Check> Checks);

/// <summary>What a step writes while it runs. A check that does not hold never stops the story: the rest is still worth seeing.</summary>
internal sealed class StepLog(IReporter reporter)
{
    private readonly List<Check> checks = [];

    public IReadOnlyList<Check> Checks => checks;

    public bool Check(string name, bool held, string seen)
    {
        var check = new Check(name, held, seen);
        checks.Add(check);
        reporter.Checked(check);
        return held;
    }

    public void Doing(string what) => reporter.Doing(what);
}

/// <summary>How the story is told: a live table on a terminal, plain lines, or nothing until the closing document.</summary>
internal interface IReporter
{
    void StepStarted(int number, string name);

    void Doing(string what);

    void Checked(Check check);

    void StepEnded(StepResult step);

    void Ended(StoryResult story);
}

internal sealed record StoryResult(IReadOnlyList<StepResult> Steps, IReadOnlyDictionary<string, object> Figures)
{
    public int Held => Steps.Sum(s => s.Checks.Count(c => c.Held));

    public int Failed => Steps.Sum(s => s.Checks.Count(c => !c.Held));
}
