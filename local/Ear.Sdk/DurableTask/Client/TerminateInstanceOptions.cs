namespace Microsoft.DurableTask.Client;

/// <param name="Output">Becomes the output of the terminated instance.</param>
/// <param name="Recursive">Whether the instance's sub-orchestrations are terminated too.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);
