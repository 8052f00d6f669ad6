namespace Ear.Alerts;

/// <summary>What the app's functions could not take after all tries: kept beside their subscription until it is sent again.</summary>
public interface IDeadLetters
{
    /// <summary>
    /// Sends them again under their ids, then forgets them; if we die in between, the topic drops the repeat. What is too recent stays, and so does
    /// what was sent again often enough.
    /// </summary>
    /// <param name="max">At most so many are sent. Of those that stay no more than ten times as many are passed over to find them.</param>
    Task<DeadLetterReplay> ReplayAsync(Subscription subscription, int max, CancellationToken cancellation);
}

/// <param name="Sent">Sent again now.</param>
/// <param name="TooRecent">The topic would still take them for duplicates (<see cref="EventsTopic.DuplicateWindow"/>): a later run sends them.</param>
/// <param name="GivenUp">Left for a person: sent again too often, or too large to be sent.</param>
public sealed record DeadLetterReplay(int Sent, int TooRecent, int GivenUp);
