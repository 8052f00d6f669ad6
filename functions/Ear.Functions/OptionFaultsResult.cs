using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Functions;

internal static class OptionFaultsResult
{
    extension(OptionFaults faults)
    {
        public ValidateOptionsResult Result => faults.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All);
    }
}
