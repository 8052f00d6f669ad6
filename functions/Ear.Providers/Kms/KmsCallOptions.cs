using Ear.Settings;

namespace Ear.Providers.Kms;

/// <summary>How a provider's service is called: the same for all three. Checked before the first request, all faults at once.</summary>
public abstract class KmsCallOptions
{
    protected KmsCallOptions(double callsPerSecond) => CallsPerSecond = callsPerSecond;

    /// <summary>How long one request may take. Default 3 s, 100 ms to 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one check, wrap or unwrap may take with all its tries. Default 10 s (spec kms §3), at least <see cref="AttemptTimeout"/>, at most 60 s.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries of one call. Default 3, 1 to 5.</summary>
    public int MaxTries { get; set; } = 3;

    /// <summary>The first wait between tries is at most this, the next twice as much, each drawn evenly from zero up. Default 200 ms, 1 ms to 2 s.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Sessions or tokens kept for reuse; more make the one that was used longest ago be asked for again. Default 10,000, 1 to 1,000,000.</summary>
    public int CachedSessions { get; set; } = 10_000;

    /// <summary>Calls a second that one quota is charged with; more wait, as long as their budget lets them. The default is at most 5 % of what the provider publishes. 0.1 to 100,000.</summary>
    public double CallsPerSecond { get; set; }

    /// <summary>Calls in flight to one region or vault; more wait. Default 256, 1 to 10,000.</summary>
    public int CallsInFlight { get; set; } = 256;

    /// <summary>After so many failures of the service in a row, one region or vault is left alone for <see cref="BreakFor"/> and then tried with a single call. Default 20, 2 to 10,000.</summary>
    public int BreakAfter { get; set; } = 20;

    /// <summary>Default 30 s, 1 s to 10 min.</summary>
    public TimeSpan BreakFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A key that works is asked for its metadata only this often. Default 1 h, 1 min to 24 h.</summary>
    public TimeSpan FactsEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Keys whose metadata is remembered; of more keys, some are told about only when they fail. Default 20,000 (some 10 MB), 1 to 1,000,000.</summary>
    public int RememberedKeys { get; set; } = 20_000;

    internal void CheckCalls(OptionFaults faults)
    {
        faults.Within(nameof(AttemptTimeout), AttemptTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        faults.Within(nameof(Budget), Budget, AttemptTimeout, TimeSpan.FromSeconds(60));
        faults.Within(nameof(MaxTries), MaxTries, 1, 5);
        faults.Within(nameof(Backoff), Backoff, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        faults.Within(nameof(CachedSessions), CachedSessions, 1, 1_000_000);
        faults.Within(nameof(CallsPerSecond), CallsPerSecond, 0.1, 100_000);
        faults.Within(nameof(CallsInFlight), CallsInFlight, 1, 10_000);
        faults.Within(nameof(BreakAfter), BreakAfter, 2, 10_000);
        faults.Within(nameof(BreakFor), BreakFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        faults.Within(nameof(FactsEvery), FactsEvery, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24));
        faults.Within(nameof(RememberedKeys), RememberedKeys, 1, 1_000_000);
    }
}
