namespace Ear.Settings;

/// <summary>Collects everything that is wrong with a section's settings, so that all is told at once.</summary>
/// <param name="section">Empty: settings without a section, which the Functions host reads, too.</param>
public sealed class OptionFaults(string section)
{
    private readonly List<string> faults = [];

    /// <summary>Sentences; each begins with the setting's whole name.</summary>
    public IReadOnlyList<string> All => faults;

    public void Add(string setting, string words) => faults.Add($"{(section.Length == 0 ? setting : $"{section}:{setting}")} {words}");

    public void Within<T>(string setting, T value, T min, T max)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            Add(setting, $"is {value}; choose {min} to {max}.");
    }

    /// <summary>Another address than the provider's own: a local KMS, a private endpoint.</summary>
    public void Http(string setting, Uri? value)
    {
        if (value is not null && (!value.IsAbsoluteUri || value.Scheme is not ("http" or "https")))
            Add(setting, "is no http or https address; give one, or leave it out.");
    }
}
