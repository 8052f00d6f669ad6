namespace Ear.Outcomes;

/// <summary>The same steps as on <see cref="Outcome{T}"/>, for answers that are still on their way.</summary>
public static class OutcomeTasks
{
    public static async Task<Outcome<TOther>> ThenAsync<T, TOther>(this Task<Outcome<T>> outcome, Func<T, Task<Outcome<TOther>>> next)
        => (await outcome).IsOk(out var value, out var problem) ? await next(value) : problem;

    public static async Task<Outcome<TOther>> MapAsync<T, TOther>(this Task<Outcome<T>> outcome, Func<T, TOther> map) => (await outcome).Map(map);
}
