using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AzureKeyVault;

/// <summary>A failed try, as the table judges it.</summary>
internal sealed record AzureFailure : KmsFailure
{
    private const int MostQuoted = 400;

    public AzureFailure(AzureSignal signal, AzureVerdictRow row)
        : base(signal.Step.ToString(), CodeOf(signal), signal.Status, Told(row.Verdict, signal), row.Retry)
    {
        Signal = signal;
        RequestId = signal.RequestId;
        RetryAfter = signal.RetryAfter;
        CallerAddress = signal.CallerAddress;
    }

    public AzureSignal Signal { get; }

    public static AzureFailure Of(AzureSignal signal) => new(signal, AzureVerdicts.Of(signal));

    /// <returns>null for an exception that no call to Azure throws: a bug, to be seen as one.</returns>
    public static KmsFailure? Judge(AzureStep step, Exception exception) => AzureSignals.From(step, exception) is { } signal ? Of(signal) : null;

    private static string CodeOf(AzureSignal signal) => signal.Inner.Length == 0 ? signal.Code : $"{signal.Code}/{signal.Inner}";

    private static KeyVerdict Told(KeyVerdict verdict, AzureSignal signal) => verdict switch
    {
        KeyVerdict.Invalid v => v with { Detail = v.Detail + Quoted(signal) },
        // What the vault says of a request that it did not understand may quote it.
        KeyVerdict.Unknown { Reason: UnknownReason.OurFault } v => v with { Detail = v.Detail + (signal.Status == 0 ? "" : $" ({CodeOf(signal)})") },
        KeyVerdict.Unknown v => v with { Detail = v.Detail + Quoted(signal) },
        _ => verdict,
    };

    private static string Quoted(AzureSignal signal)
    {
        if (signal.Status == 0)
            return "";
        var code = CodeOf(signal) is { Length: > 0 } c ? c : $"HTTP {signal.Status}";
        if (signal.Text.Length == 0)
            return $" ({code})";
        return $" ({code}: {(signal.Text.Length > MostQuoted ? signal.Text[..MostQuoted] + "…" : signal.Text)})";
    }
}
