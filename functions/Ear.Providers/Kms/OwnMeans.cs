using Ear.CustomerKeys;
using Ear.Secrets;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Kms;

/// <summary>
/// What Ear needs of its own before a service is asked: a credential that it keeps, an identity. Ear's vault and identity fail with the very exceptions by which a customer's are
/// judged (Entra's <c>invalid_client</c>, a broken connection), so none of them gets as far as a provider's table: whatever goes wrong here is <see cref="UnknownReason.OurFault"/>.
/// To be asked before a gate is entered, for it says nothing about the service behind it.
/// </summary>
internal sealed class OwnMeans(KmsCallOptions options, TimeProvider time, ILogger logger)
{
    private const string NotRead = "Ear cannot read a credential that it keeps. This says nothing about the key.";

    // Shorter than a call's whole budget, or that would end first and look like a service's silence; the other half is the service's.
    private readonly TimeSpan longest = options.Budget / 2;
    private int away;

    /// <returns>The caller zeroes it; null when there is none.</returns>
    /// <exception cref="OwnFaultException">It cannot be had now.</exception>
    public Task<byte[]?> SecretAsync(ISecrets secrets, string name) => GetAsync(stop => secrets.FindAsync(name, stop), "SecretNotRead", NotRead);

    /// <param name="get">Shared by all that wait for a session, so nobody's cancellation ends it; a bound of its own does.</param>
    /// <param name="code">For the log.</param>
    /// <param name="words">For people, and for customers among them.</param>
    /// <exception cref="OwnFaultException">Whatever went wrong.</exception>
    public async Task<T> GetAsync<T>(Func<CancellationToken, Task<T>> get, string code, string words)
    {
        using var limit = new CancellationTokenSource(longest, time);
        try
        {
            var got = await get(limit.Token).WaitAsync(limit.Token);
            if (Interlocked.Exchange(ref away, 0) == 1)
                logger.OwnMeansBack();
            return got;
        }
        catch (Exception e)
        {
            if (Interlocked.Exchange(ref away, 1) == 0)
                logger.OwnMeansAway(code, Told(e));
            throw new OwnFaultException(code, words);
        }
    }

    /// <summary>The store's own words are for the operator; others' may quote a request.</summary>
    private static string Told(Exception exception) => exception is StoreException ? exception.Message : exception.GetType().Name;
}

/// <summary>Ear lacks what is its own, and nobody was asked. Carries no exception below it: whoever walks down to the telling one must not find that of Ear's own vault.</summary>
internal sealed class OwnFaultException(string code, string words) : Exception(words)
{
    public KmsFailure Failure { get; } = new("Own", code, 0, new KeyVerdict.Unknown(UnknownReason.OurFault, words), KmsRetry.No);
}
