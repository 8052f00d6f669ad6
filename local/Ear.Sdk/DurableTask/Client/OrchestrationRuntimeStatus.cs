namespace Microsoft.DurableTask.Client;

/// <summary>State of an orchestration instance; Completed, Failed and Terminated are ends.</summary>
public enum OrchestrationRuntimeStatus
{
    Running = 0,
    Completed = 1,
    ContinuedAsNew = 2,
    Failed = 3,
    Canceled = 4,
    Terminated = 5,
    Pending = 6,
    Suspended = 7,
}
