namespace Ear.Local.Host;

/// <summary>The app or its settings cannot be run; the message lists everything that is wrong, so that one round repairs it.</summary>
internal sealed class InvalidFunctionsException(IReadOnlyList<string> faults)
    : Exception($"The functions cannot be started:{Environment.NewLine}- {string.Join(Environment.NewLine + "- ", faults)}")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
