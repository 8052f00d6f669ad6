namespace Ear.Functions.Settings;

/// <summary>Ear does not start with these settings. The message is for the operator, and whole: one line each, by name.</summary>
public sealed class FaultySettingsException(IReadOnlyList<string> faults) : InvalidOperationException(Text(faults))
{
    /// <summary>Sentences that begin with the setting's name.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;

    private static string Text(IReadOnlyList<string> faults)
        => $"Ear cannot start: {(faults.Count == 1 ? "a setting is" : $"{faults.Count} settings are")} missing or wrong. In the environment and in Azure, write __ for each colon of a name.\n"
            + string.Join('\n', faults.Select(f => $"  {f}"));
}
