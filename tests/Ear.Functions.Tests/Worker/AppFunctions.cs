using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Ear.Functions.Tests.Worker;

/// <summary>Every function of the app, as a Functions host finds them: by the attribute, whatever registers them.</summary>
internal sealed record AppFunction(string Name, MethodInfo Method)
{
    public static IReadOnlyList<AppFunction> All { get; } =
    [
        .. typeof(EarApp).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Select(m => (Method: m, Attribute: m.GetCustomAttribute<FunctionAttribute>()))
            .Where(f => f.Attribute is not null)
            .Select(f => new AppFunction(f.Attribute!.Name, f.Method))
            .OrderBy(f => f.Name, StringComparer.Ordinal),
    ];

    public IReadOnlyList<ParameterInfo> Triggers => [.. Method.GetParameters().Where(p => p.GetCustomAttribute<TriggerBindingAttribute>() is not null)];

    public HttpTriggerAttribute? Http => Trigger<HttpTriggerAttribute>();

    /// <summary>An orchestrator or an activity.</summary>
    public bool IsDurable => Trigger<OrchestrationTriggerAttribute>() is not null || Trigger<ActivityTriggerAttribute>() is not null;

    public bool HasDurableClient => Method.GetParameters().Any(p => p.GetCustomAttribute<DurableClientAttribute>() is not null);

    public T? Trigger<T>()
        where T : TriggerBindingAttribute
        => Triggers.Select(p => p.GetCustomAttribute<T>()).FirstOrDefault(a => a is not null);

    public static TheoryData<string> Names(Func<AppFunction, bool> which) => [.. All.Where(which).Select(f => f.Name)];

    public static AppFunction Named(string name) => All.Single(f => f.Name == name);
}
