using System.Reflection;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Durable.Hosting;

/// <summary><c>[DurableClient] DurableTaskClient</c> in functions of any kind.</summary>
internal sealed class DurableClientBinder : IParameterBinder
{
    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function) =>
        parameter.ParameterType == typeof(DurableTaskClient) && parameter.IsDefined(typeof(DurableClientAttribute))
            ? context => context.InstanceServices.GetRequiredService<DurableTaskClient>()
            : null;
}
