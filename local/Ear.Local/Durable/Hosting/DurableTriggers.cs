using System.Reflection;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.Hosting;

/// <summary>Functions that are orchestrators: a <see cref="TaskOrchestrationContext"/> with <see cref="OrchestrationTriggerAttribute"/>.</summary>
internal sealed class OrchestrationTrigger : ITrigger, IParameterBinder
{
    public const string Type = "orchestrationTrigger";

    public string BindingType => Type;

    public static string NameOf(FunctionDescriptor function) =>
        function.Attribute<OrchestrationTriggerAttribute>().Orchestration ?? function.Name;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(OrchestrationTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        foreach (var function in functions.Where(f => f.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext)))
            faults.Add($"Function {function.Name}: the parameter with OrchestrationTrigger must be a TaskOrchestrationContext.");
        DurableNames.CheckUnique("Orchestration", functions.Select(NameOf), faults);
    }

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function) =>
        function.Trigger == this && parameter.ParameterType == typeof(TaskOrchestrationContext) ? context => context.Trigger : null;

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services) =>
        new($"{function.Function.Name} is an orchestrator: it is started through a DurableTaskClient.");
}

/// <summary>Functions that are activities: an input with <see cref="ActivityTriggerAttribute"/>.</summary>
internal sealed class ActivityTrigger : ITrigger, IParameterBinder
{
    public const string Type = "activityTrigger";

    public string BindingType => Type;

    public static string NameOf(FunctionDescriptor function) =>
        function.Attribute<ActivityTriggerAttribute>().Activity ?? function.Name;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(ActivityTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults) =>
        DurableNames.CheckUnique("Activity", functions.Select(NameOf), faults);

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
    {
        if (function.Trigger != this)
            return null;
        if (parameter.ParameterType == typeof(TaskActivityContext))
            return context => context.Trigger;
        if (parameter != function.TriggerParameter)
            return null;
        var nothing = parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
        return context => ((ActivityInvocation)context.Trigger!).Read(parameter.ParameterType) ?? nothing;
    }

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services) =>
        new($"{function.Function.Name} is an activity: only orchestrations call it.");
}

internal static class DurableNames
{
    public static void CheckUnique(string kind, IEnumerable<string> names, ICollection<string> faults)
    {
        foreach (var twice in names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            faults.Add($"{kind} name {twice.Key} is used {twice.Count()} times.");
    }
}
