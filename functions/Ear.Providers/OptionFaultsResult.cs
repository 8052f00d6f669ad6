using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers;

internal static class OptionFaultsResult
{
    extension(OptionFaults faults)
    {
        public ValidateOptionsResult Result => faults.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All);

        /// <summary>A file that has to be there, where one is named.</summary>
        public void File(string setting, string? value)
        {
            if (value is not null && !System.IO.File.Exists(value))
                faults.Add(setting, $"is {value}; there is no such file.");
        }
    }
}
