using System.Reflection;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Tests.Http.World;

/// <summary>For hosts without an engine: functions that ask for the task hub's client get none, and fail where they use it.</summary>
internal sealed class NoTaskHub : IParameterBinder
{
    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
        => parameter.IsDefined(typeof(DurableClientAttribute)) ? _ => null : null;
}
