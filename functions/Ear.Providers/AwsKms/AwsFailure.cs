using Ear.CustomerKeys;

namespace Ear.Providers.AwsKms;

/// <summary>Why a call came to nothing, after all its tries.</summary>
internal sealed record AwsFailure(AwsSignal Signal, AwsVerdictRow Row)
{
    private const int MostQuoted = 400;

    public static AwsFailure Of(AwsSignal signal) => new(signal, AwsVerdicts.Of(signal));

    public KeyVerdict Verdict => Row.Verdict switch
    {
        KeyVerdict.Invalid v => v with { Detail = Told(v.Detail) },
        KeyVerdict.Unknown { Reason: not UnknownReason.OurFault } v => v with { Detail = Told(v.Detail) },
        // A signature error may quote the request that we signed, session token and all.
        KeyVerdict.Unknown v => v with { Detail = Signal.IsAnswer ? $"{v.Detail} ({Signal.Code})" : v.Detail },
        var other => other,
    };

    private string Told(string words)
    {
        if (!Signal.IsAnswer)
            return Signal.Text.Length == 0 ? words : $"{words} ({Signal.Text})";
        var text = Signal.Text.Length > MostQuoted ? Signal.Text[..MostQuoted] + "…" : Signal.Text;
        return $"{words} ({Signal.Code}: {text})";
    }
}
