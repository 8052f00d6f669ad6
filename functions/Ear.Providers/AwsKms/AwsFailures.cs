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
        var failure = new KmsFailure(signal.Step.ToString(), signal.Code, signal.Status, Told(row, signal), row.Retry) { RequestId = signal.RequestId, RetryAfter = signal.RetryAfter };
        return row.OfOneKey ? failure with { IsOfService = false } : failure;
    }

    private static KeyVerdict Told(AwsVerdictRow row, AwsSignal signal) => row.Verdict switch
    {
        KeyVerdict.Invalid v => v with { Detail = row.MayQuote ? Coded(v.Detail, signal) : Told(v.Detail, signal) },
        KeyVerdict.Unknown { Reason: not UnknownReason.OurFault } v => v with { Detail = Told(v.Detail, signal) },
        // What is Ear's own fault is for Ear's operator; its text may quote the request that we signed.
        KeyVerdict.Unknown v => v with { Detail = Coded(v.Detail, signal) },
        var other => other,
    };

    private static string Coded(string words, AwsSignal signal) => signal.IsAnswer ? $"{words} ({signal.Code})" : words;

    private static string Told(string words, AwsSignal signal)
    {
        if (!signal.IsAnswer)
            return signal.Text.Length == 0 ? words : $"{words} ({signal.Text})";
        var text = signal.Text.Length > MostQuoted ? signal.Text[..MostQuoted] + "…" : signal.Text;
        return $"{words} ({signal.Code}: {text})";
    }
}
