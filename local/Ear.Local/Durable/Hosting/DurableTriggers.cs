using System.Reflection;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Durable.Hosting;

/// <summary>Functions that are orchestrators. They are started by a client, never by an administrator.</summary>
internal sealed class OrchestrationTrigger : ITrigger, IParameterBinder
{
    public const string Type = "orchestrationTrigger";

    public string BindingType => Type;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(OrchestrationTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        foreach (var function in functions.Where(f => f.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext)))
            faults.Add($"Function {function.Name}: the parameter with OrchestrationTrigger must be a TaskOrchestrationContext.");
    }

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
        => function.Trigger == this && parameter.ParameterType == typeof(TaskOrchestrationContext) ? context => context.Trigger : null;

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services)
        => new($"{function.Function.Name} is an orchestrator: start it through the function that schedules it.");
}

/// <summary>Functions that are activities: one typed input, called by orchestrators.</summary>
internal sealed class ActivityTrigger : ITrigger, IParameterBinder
{
    public const string Type = "activityTrigger";

    public string BindingType => Type;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(ActivityTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        // Any type that JSON carries will do; what it does not carry shows when the orchestrator calls.
    }

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
        => function.Trigger == this && parameter == function.TriggerParameter ? context => context.Trigger : null;

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services)
        => new($"{function.Function.Name} is an activity: only an orchestrator calls it.");
}

/// <summary><c>[DurableClient] DurableTaskClient</c> in any function.</summary>
internal sealed class DurableClientBinder : IParameterBinder
{
    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
        => parameter.ParameterType == typeof(DurableTaskClient) && parameter.IsDefined(typeof(DurableClientAttribute))
            ? context => context.InstanceServices.GetRequiredService<DurableTaskClient>()
            : null;
}
