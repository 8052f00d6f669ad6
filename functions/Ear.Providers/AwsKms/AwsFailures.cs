using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AwsKms;

/// <summary>From a failed call to what it says, by the table of <see cref="AwsVerdicts"/>.</summary>
internal static class AwsFailures
{
    private const int MostQuoted = 400;

    /// <returns>null for an exception that no call to AWS throws: a bug, to be seen as one.</returns>
    public static KmsFailure? Judge(AwsStep step, Exception exception) => AwsSignal.From(step, exception) is { } signal ? Of(signal) : null;

    public static KmsFailure Of(AwsSignal signal)
    {
        var row = AwsVerdicts.Of(signal);
        var failure = new KmsFailure(signal.Step.ToString(), signal.Code, signal.Status, Told(row.Verdict, signal), row.Retry) { RequestId = signal.RequestId, RetryAfter = signal.RetryAfter };
        return row.OfOneKey ? failure with { IsOfService = false } : failure;
    }

    private static KeyVerdict Told(KeyVerdict verdict, AwsSignal signal) => verdict switch
    {
        KeyVerdict.Invalid v => v with { Detail = Told(v.Detail, signal) },
        KeyVerdict.Unknown { Reason: not UnknownReason.OurFault } v => v with { Detail = Told(v.Detail, signal) },
        // A signature error may quote the request that we signed, session token and all.
        KeyVerdict.Unknown v => v with { Detail = signal.IsAnswer ? $"{v.Detail} ({signal.Code})" : v.Detail },
        var other => other,
    };

    private static string Told(string words, AwsSignal signal)
    {
        if (!signal.IsAnswer)
            return signal.Text.Length == 0 ? words : $"{words} ({signal.Text})";
        var text = signal.Text.Length > MostQuoted ? signal.Text[..MostQuoted] + "…" : signal.Text;
        return $"{words} ({signal.Code}: {text})";
    }
}
