using System.Diagnostics.CodeAnalysis;

namespace Ear.Outcomes;

/// <summary>A value, or the reason why there is none. A refusal is a value; an exception is a bug or an outage (style rule 3).</summary>
public readonly struct Outcome<T>
{
    private readonly T? value;

    private Outcome(T? value, Problem? problem)
    {
        this.value = value;
        Problem = problem;
    }

    public Problem? Problem { get; }

    public T Value => Problem is null ? value! : throw new InvalidOperationException($"There is no value: {Problem}");

    public bool IsOk([MaybeNullWhen(false)] out T result, [NotNullWhen(false)] out Problem? problem)
    {
        result = value;
        problem = Problem;
        return problem is null;
    }

    public Outcome<TOther> Then<TOther>(Func<T, Outcome<TOther>> next) => Problem is null ? next(value!) : Problem;

    public Outcome<TOther> Map<TOther>(Func<T, TOther> map) => Problem is null ? map(value!) : Problem;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem);
}
