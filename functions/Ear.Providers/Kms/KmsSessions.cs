using Ear.Limits;

namespace Ear.Providers.Kms;

/// <summary>
/// Sessions or tokens, one for each name, each kept until shortly before it ends and asked for once however many checks wait for it.
/// </summary>
/// <param name="most">How many are kept.</param>
/// <param name="early">How long before its end one is not used any more.</param>
internal sealed class KmsSessions<TName, TSession>(int most, TimeSpan early, TimeProvider time)
    where TName : notnull
    where TSession : class, IKmsSession
{
    private readonly BoundedMap<TName, Lazy<Task<TSession>>> sessions = new(most, time);

    /// <param name="open">Shared by all that wait, so it ends by its own limit and not by the cancellation of whoever came first.</param>
    public async Task<TSession> GetAsync(TName name, KmsTry attempt, Func<TName, Task<TSession>> open)
    {
        // Only the very session that is over or was refused is dropped: another check may have put a new one in its place.
        if (sessions.TryGet(name, out var known) && known.Value is { IsCompletedSuccessfully: true } done && (IsOver(done.Result) || done.Result == attempt.Refused))
            sessions.Remove(name, known);
        var shared = sessions.GetOrAdd(name, n => new(() => open(n)));
        attempt.Pause();
        try
        {
            var session = await shared.Value.WaitAsync(attempt.Cancellation);
            attempt.Used = session;
            attempt.Restart();
            return session;
        }
        finally
        {
            // A failure is not remembered: the next try asks again.
            if (shared.Value.IsFaulted || shared.Value.IsCanceled)
                sessions.Remove(name, shared);
        }
    }

    private bool IsOver(TSession session) => session.Ends - early <= time.GetUtcNow();
}

internal interface IKmsSession
{
    DateTimeOffset Ends { get; }
}
