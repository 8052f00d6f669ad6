namespace Ear.Local.Kms.Control;

/// <summary>One simulated service, as far as it can be made to go wrong.</summary>
/// <param name="Name">In the control API: aws, azure, google.</param>
internal sealed record FaultyService(string Name, Faults Faults, ServiceClock Clock, Func<bool> IsRefusing, Func<bool, CancellationToken, Task> RefuseAsync)
{
    /// <summary>Its port is closed: connections are refused, as when the network to it is cut.</summary>
    public bool Refuses => IsRefusing();
}
