using System.Reflection;
using Microsoft.AspNetCore.Routing;

namespace Ear.Local.Host;

/// <summary>
/// One kind of trigger (HTTP, timer, Service Bus; Durable adds its own through <see cref="FunctionsHostOptions.Triggers"/>).
/// It says which parameters it owns and what is wrong with them; the service that makes the functions run takes
/// them from <see cref="FunctionRegistry"/> by <see cref="BindingType"/>.
/// </summary>
internal interface ITrigger
{
    /// <summary>As in function.json: <c>timerTrigger</c>.</summary>
    string BindingType { get; }

    bool Owns(ParameterInfo parameter);

    /// <summary>Adds a sentence for each fault; called for all functions of this kind together, before anything is built.</summary>
    void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults);

    /// <summary>Called once when the app is built: a place for endpoints.</summary>
    void Map(IEndpointRouteBuilder endpoints, IReadOnlyList<FunctionInvoker> functions)
    {
    }

    /// <summary>
    /// Runs the function now because an administrator asked (<c>POST /admin/functions/{name}</c>). Ends when the run is accepted,
    /// not when it is over; the answer is null, or the reason why such a function cannot be run so.
    /// </summary>
    ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services);
}
