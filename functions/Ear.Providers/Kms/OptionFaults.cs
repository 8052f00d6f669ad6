using Microsoft.Extensions.Options;

namespace Ear.Providers.Kms;

/// <summary>Collects everything that is wrong with a section's settings, so that all is told at once.</summary>
internal sealed class OptionFaults(string section)
{
    private readonly List<string> faults = [];

    public ValidateOptionsResult Result => faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

    public void Add(string setting, string words) => faults.Add($"{section}:{setting} {words}");

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
            Add(setting, $"is {value}; give an http or https address, or leave it out.");
    }
}
