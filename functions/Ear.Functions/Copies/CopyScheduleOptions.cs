using System.Text.RegularExpressions;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Copies;

/// <summary>When the state is copied. Without a section: the trigger names the setting, and the Functions host reads it.</summary>
public sealed class CopyScheduleOptions
{
    public const string Section = "";

    /// <summary>Six fields of NCRONTAB (second minute hour day month weekday), UTC. No default; the sample says 02:30.</summary>
    public string CopySchedule { get; set; } = "";
}

internal sealed partial class CopyScheduleOptionsCheck : IValidateOptions<CopyScheduleOptions>
{
    public ValidateOptionsResult Validate(string? name, CopyScheduleOptions options)
    {
        var faults = new OptionFaults(CopyScheduleOptions.Section);
        if (!SixFields().IsMatch(options.CopySchedule))
            faults.Add(nameof(options.CopySchedule), $"is '{options.CopySchedule}'; write six fields (second minute hour day month weekday), as 0 30 2 * * *.");
        return faults.Result;
    }

    // What the host makes of each field is its own affair; five fields, a time or words are what goes wrong. Months and weekdays have names.
    [GeneratedRegex(@"\A\s*([\d*/,-]+\s+){4}[\dA-Za-z*/,-]+\s+[\dA-Za-z*/,-]+\s*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SixFields();
}
