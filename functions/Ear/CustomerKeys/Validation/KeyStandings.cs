namespace Ear.CustomerKeys.Validation;

public enum CheckTrigger
{
    /// <summary>The sweep: the only check that can end in a shut-down (C11).</summary>
    Scheduled,

    /// <summary>Somebody asked: it shows <c>valid</c> as it is and can bring clusters back, but stops nothing (R38).</summary>
    OnDemand,
}

/// <summary>
/// How a key's standing follows from its checks (R36–R39, C10–C15). Pure. A standing is in one of these states, and in each of them
/// an answer does this:
/// <list type="table">
/// <item>Healthy: valid stays; unknown opens the network alert when its reason says so; a no makes it Suspected (scheduled), or Failing at once when it is unambiguous (on demand).</item>
/// <item>Suspected (<see cref="KeyStanding.SuspectedSince"/>): valid clears it; unknown proves nothing and leaves it; the same no makes it due for the shut-down, 60 s after the first one where it is ambiguous.</item>
/// <item>Failing (not valid, nothing stopped): valid clears it; unknown leaves it; a scheduled no makes it due.</item>
/// <item>Shut down (<see cref="KeyStanding.ShutDownSince"/>): only valid leaves it. Unknown leaves it, because an outage tells nothing about a revocation, in either direction.</item>
/// </list>
/// Due is not done: the sweep first counts how many keys turned invalid at once (<see cref="FleetBreaker"/>).
/// </summary>
public static class KeyStandings
{
    /// <summary>How long after an ambiguous no a second one must agree (spec kms §2).</summary>
    public static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(60);

    /// <summary>Throttling and provider faults become the customer's alert after so many checks in a row (spec kms §2).</summary>
    public const int FaultsBeforeAlert = 3;

    public static KeyStanding After(this KeyStanding standing, KeyCheck check, CheckTrigger trigger, DateTimeOffset now)
    {
        var heard = standing with { Last = check.Verdict, Facts = check.Facts, CheckedAt = now };
        var next = check.Verdict switch
        {
            KeyVerdict.Valid => heard.Healthy(),
            KeyVerdict.Invalid invalid => heard.Refused(invalid, trigger, now),
            KeyVerdict.Unknown unknown => heard.Unanswered(unknown.Reason),
            _ => throw new ArgumentOutOfRangeException(nameof(check), check, null),
        };
        return next.LooksLike(standing) ? next : next with { ChangedAt = now };
    }

    /// <summary>A scheduled check may order the shut-down now.</summary>
    public static bool IsDueForShutDown(this KeyStanding standing, DateTimeOffset now)
        => standing is { ShutDownSince: null, Last: KeyVerdict.Invalid invalid }
            && (!standing.Valid || (standing.SuspectedSince is { } since && (!invalid.NeedsConfirmation || now - since >= Confirmation)));

    /// <summary>A no that a second check must confirm before anything stops.</summary>
    public static bool IsSuspect(this KeyStanding standing, DateTimeOffset now)
        => standing is { ShutDownSince: null, SuspectedSince: not null, Last: KeyVerdict.Invalid } && !standing.IsDueForShutDown(now);

    public static KeyStanding ShutDown(this KeyStanding standing, DateTimeOffset now)
        => standing with { Valid = false, ShutDownSince = now, SuspectedSince = null, ChangedAt = now };

    /// <summary>Nothing that anybody has to hear of differs. When and with which request id it was checked does not count.</summary>
    public static bool LooksLike(this KeyStanding standing, KeyStanding other)
        => standing.Valid == other.Valid
            && standing.NetworkAccessDenied == other.NetworkAccessDenied
            && standing.ShutDownSince == other.ShutDownSince
            && standing.Last.GetType() == other.Last.GetType();

    private static KeyStanding Healthy(this KeyStanding standing)
        => standing is { Valid: true, SuspectedSince: null, ShutDownSince: null, UnknownInARow: 0, NetworkAccessDenied: false }
            ? standing
            : standing with { Valid = true, SuspectedSince = null, ShutDownSince = null, UnknownInARow = 0, NetworkAccessDenied = false };

    private static KeyStanding Refused(this KeyStanding standing, KeyVerdict.Invalid no, CheckTrigger trigger, DateTimeOffset now)
    {
        // The provider answered, so the network is well, whatever the answer.
        var answered = standing with { UnknownInARow = 0, NetworkAccessDenied = false };
        if (!standing.Valid)
            return answered;
        var since = standing.SuspectedSince ?? now;
        var confirmed = !no.NeedsConfirmation || now - since >= Confirmation;
        return trigger is CheckTrigger.OnDemand && confirmed
            ? answered with { Valid = false, SuspectedSince = null }
            : answered with { SuspectedSince = since };
    }

    private static KeyStanding Unanswered(this KeyStanding standing, UnknownReason reason)
    {
        // Our own clock, credential or data: the operator's log tells of it, the customer's alert must not.
        if (reason is UnknownReason.OurFault)
            return standing;
        var inARow = standing.UnknownInARow + 1;
        var denied = reason is UnknownReason.NetworkUnreachable or UnknownReason.NetworkAccessDenied || inARow >= FaultsBeforeAlert;
        return standing with { UnknownInARow = inARow, NetworkAccessDenied = standing.NetworkAccessDenied || denied };
    }
}
