namespace Microsoft.DurableTask.Client;

/// <summary>State of an orchestration instance; Completed, Failed and Terminated are ends.</summary>
public enum OrchestrationRuntimeStatus
{
    Running = 0,
    Completed = 1,
    [Obsolete("An instance that continued as new is Running again; this is never reported.")]
    ContinuedAsNew = 2,
    Failed = 3,
    [Obsolete("Kept by the official package for compatibility; this is never reported.")]
    Canceled = 4,
    Terminated = 5,
    Pending = 6,
    Suspended = 7,
}
