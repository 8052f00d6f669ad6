namespace Microsoft.DurableTask;

/// <summary>Which orchestration called an activity, and by which name.</summary>
public abstract class TaskActivityContext
{
    public abstract TaskName Name { get; }

    public abstract string InstanceId { get; }
}
