using Microsoft.DurableTask;

namespace Ear.Local.Durable.Hosting;

/// <summary>What an activity function is given.</summary>
internal sealed class ActivityInvocation(ActivityCall call, DataConverter converter) : TaskActivityContext
{
    public override TaskName Name => call.Name;

    public override string InstanceId => call.InstanceId;

    public object? Read(Type type) => converter.Deserialize(call.Input, type);
}
