using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>One failed try and the row that judges it.</summary>
internal sealed record GoogleFailure : KmsFailure
{
    private const int MostQuoted = 400;

    private GoogleFailure(GoogleSignal signal, GoogleVerdictRow row)
        : base(signal.Step.ToString(), signal.Code, signal.Status, Told(signal, row.Verdict), row.Retry)
    {
        Signal = signal;
        (RequestId, RetryAfter) = (signal.RequestId, signal.RetryAfter);
        IsOfService = IsOfService && !row.BehindTheKey;
    }

    public GoogleSignal Signal { get; }

    /// <summary>Google refused the key for its state and did not say which.</summary>
    public bool LacksState => Signal is { Step: GoogleStep.Kms, Code: "FAILED_PRECONDITION", State: "" } && Verdict is KeyVerdict.Unknown { Reason: UnknownReason.ProviderFault };

    /// <summary>A bad ciphertext and a key for another purpose are refused alike.</summary>
    public bool MayBeWrongPurpose => Signal is { Step: GoogleStep.Kms, Code: "INVALID_ARGUMENT" or "UNIMPLEMENTED", WrongPurpose: false };

    public static GoogleFailure Of(GoogleSignal signal) => new(signal, GoogleVerdicts.Of(signal));

    private static KeyVerdict Told(GoogleSignal signal, KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Invalid v => v with { Detail = Quoted(signal, v.Detail) },
        KeyVerdict.Unknown { Reason: not UnknownReason.OurFault } v => v with { Detail = Quoted(signal, v.Detail) },
        // Where the fault is ours, the text may quote what we sent.
        KeyVerdict.Unknown v => v with { Detail = $"{v.Detail} ({signal.Code})" },
        var other => other,
    };

    private static string Quoted(GoogleSignal signal, string words)
    {
        if (signal.Text.Length == 0)
            return words;
        var text = signal.Text.Length > MostQuoted ? signal.Text[..MostQuoted] + "…" : signal.Text;
        return signal.IsAnswer ? $"{words} ({signal.Code}: {text})" : $"{words} ({text})";
    }
}
