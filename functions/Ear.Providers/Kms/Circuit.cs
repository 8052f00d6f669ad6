namespace Ear.Providers.Kms;

internal enum CircuitEntry
{
    Refused,
    Entered,

    /// <summary>The one call that finds out whether an open circuit can be closed.</summary>
    Probe,
}

internal enum CircuitEdge
{
    None,
    Opened,
    Closed,
}

/// <summary>
/// Whether a service is worth asking. Closed: everybody passes, failures in a row are counted and any answer sets them to zero. Open: nobody passes until the
/// rest is over, then one probe does; its answer closes, its failure makes another rest, and one that was called off by its caller leaves the place to the next.
/// Own code and not Polly's circuit breaker: there a probe that was called off counts as an answer.
/// </summary>
internal sealed class Circuit(int breakAfter, TimeSpan breakFor, TimeProvider time)
{
    private readonly Lock sync = new();
    private int failures;
    private bool open;
    private bool probing;
    private long openedAt;
    private long restFrom;

    /// <summary>Refuses without taking the place of the probe.</summary>
    public bool Refuses
    {
        get
        {
            lock (sync)
                return open && (probing || IsResting);
        }
    }

    /// <summary>How long nobody passes.</summary>
    public TimeSpan Rest
    {
        get
        {
            lock (sync)
                return open && IsResting ? breakFor - time.GetElapsedTime(restFrom) : TimeSpan.Zero;
        }
    }

    /// <summary>Since the circuit opened.</summary>
    public TimeSpan OpenFor => time.GetElapsedTime(openedAt);

    private bool IsResting => time.GetElapsedTime(restFrom) < breakFor;

    public CircuitEntry Enter()
    {
        lock (sync)
        {
            if (!open)
                return CircuitEntry.Entered;
            if (probing || IsResting)
                return CircuitEntry.Refused;
            probing = true;
            return CircuitEntry.Probe;
        }
    }

    /// <summary>The service answered, whatever it said.</summary>
    public CircuitEdge Answered(CircuitEntry entry)
    {
        lock (sync)
        {
            // Also a call that had passed before the circuit opened: it shows as well as a probe that the service answers.
            failures = 0;
            if (entry is CircuitEntry.Probe)
                probing = false;
            if (!open)
                return CircuitEdge.None;
            open = false;
            return CircuitEdge.Closed;
        }
    }

    public CircuitEdge Failed(CircuitEntry entry)
    {
        lock (sync)
        {
            failures++;
            if (entry is CircuitEntry.Probe)
            {
                probing = false;
                restFrom = time.GetTimestamp();
                return CircuitEdge.None;
            }
            if (open || failures < breakAfter)
                return CircuitEdge.None;
            open = true;
            openedAt = restFrom = time.GetTimestamp();
            return CircuitEdge.Opened;
        }
    }

    /// <summary>The call was given up by its caller: nothing is known.</summary>
    public void Abandoned(CircuitEntry entry)
    {
        lock (sync)
        {
            if (entry is CircuitEntry.Probe)
                probing = false;
        }
    }
}
