using Ear.CustomerKeys;

namespace Ear.Providers.Kms;

/// <summary>What to do before an answer is believed.</summary>
internal enum KmsRetry
{
    No,

    /// <summary>Wait a little and ask again.</summary>
    Again,

    /// <summary>Get a new session or token and ask once more, without waiting.</summary>
    Fresh,
}

/// <summary>One failed try, judged by its provider's table.</summary>
/// <param name="Step">Who was asked, for the log: <c>Sts</c>, <c>Entra</c>, <c>Kms</c>.</param>
/// <param name="Code">The service's own code; empty when nothing was answered.</param>
/// <param name="Status">HTTP or gRPC status; 0 when nothing was answered.</param>
/// <param name="Verdict">Never valid, and without a secret.</param>
internal record KmsFailure(string Step, string Code, int Status, KeyVerdict Verdict, KmsRetry Retry)
{
    public string? RequestId { get; init; }

    /// <summary>How long the service asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Ear's address as the service saw it.</summary>
    public string? CallerAddress { get; init; }

    /// <summary>
    /// Speaks of the service and not of this key: counts towards opening its circuit. To be set to false where the fault lies behind one customer's key only
    /// (a custom key store, an external key manager).
    /// </summary>
    public bool IsOfService { get; init; } = Verdict is KeyVerdict.Unknown { Reason: UnknownReason.Throttled or UnknownReason.ProviderFault or UnknownReason.NetworkUnreachable };
}

/// <summary>What a call gave, or why it gave nothing.</summary>
internal readonly record struct KmsResult<T>(T? Value, KmsFailure? Failure)
    where T : class;
