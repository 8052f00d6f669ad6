using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AzureKeyVault;

/// <summary>One row of the table: which signals it covers, and what they mean. What is left out matches anything.</summary>
/// <param name="Verdict">With a sentence for people. The vault's own text is added except where the fault is ours: that text may quote our request.</param>
internal sealed record AzureVerdictRow(KmsRetry Retry, KeyVerdict Verdict)
{
    public AzureFault Fault { get; init; } = AzureFault.Answer;

    public AzureStep[] Steps { get; init; } = [];

    public int Status { get; init; }

    /// <summary>Outer codes.</summary>
    public string[] Codes { get; init; } = [];

    /// <summary>Inner codes, or Entra's numbers: one of them is enough. Some front doors give the inner code as the outer one.</summary>
    public string[] Inner { get; init; } = [];

    /// <summary>Part of the text.</summary>
    public string? Words { get; init; }

    public bool Covers(AzureSignal signal) =>
        Fault == signal.Fault &&
        (Steps.Length == 0 || Steps.Contains(signal.Step)) &&
        (Status == 0 || Status == signal.Status) &&
        (Codes.Length == 0 || Codes.Contains(signal.Code, StringComparer.OrdinalIgnoreCase)) &&
        (Inner.Length == 0 || Inner.Contains(signal.Code, StringComparer.OrdinalIgnoreCase) || signal.Inner.Split(',').Any(i => Inner.Contains(i, StringComparer.OrdinalIgnoreCase))) &&
        (Words is null || signal.Text.Contains(Words, StringComparison.OrdinalIgnoreCase));
}
