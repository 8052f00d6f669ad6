using Ear.Clusters;
using Ear.Functions.Durable;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Worker;

/// <summary>ADR-0009: in Azure a function has the task hub's client only if it asks for it by a parameter.</summary>
public sealed class DurableClientTests
{
    private static readonly IServiceCollection App = FunctionsApplication.CreateBuilder([]).AddEar().Services;

    public static TheoryData<string> MayWake => AppFunction.Names(f => Reaches(f.Method.DeclaringType!, []));

    [Theory]
    [MemberData(nameof(MayWake))]
    public void A_function_that_may_wake_an_orchestration_is_given_the_client(string name)
        => Assert.True(AppFunction.Named(name).HasDurableClient, $"{name} may wake an orchestration; it needs a parameter [DurableClient] DurableTaskClient.");

    [Fact]
    public void Whoever_changes_a_cluster_a_key_or_an_endpoint_and_every_agent_may_wake_one()
        => Assert.Superset(
            new HashSet<string> { "createGroupCluster", "updateGroupEncryptionAtRest", "getGroupEncryptionAtRest", "createGroupEncryptionAtRestPrivateEndpoint", "pollAgent", "OrderShutDown", "CheckShard", "WakeUnfinishedClusters" },
            MayWake.Select(row => (string)row.Data).ToHashSet());

    /// <summary>It is there in the local host, and not in a worker in Azure.</summary>
    [Fact]
    public void Nobody_takes_the_client_from_the_container()
    {
        Assert.DoesNotContain(App, s => s.ServiceType == typeof(DurableTaskClient));
        Assert.DoesNotContain(typeof(EarApp).Assembly.GetTypes().SelectMany(t => t.GetConstructors()).SelectMany(c => c.GetParameters()), p => p.ParameterType == typeof(DurableTaskClient));
    }

    private static bool Reaches(Type type, HashSet<Type> seen)
        => type == typeof(ITaskHub)
            || (seen.Add(type) && type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType).Any(needed => Implementations(needed).Any(i => Reaches(i, seen))));

    private static IEnumerable<Type> Implementations(Type needed)
    {
        if (needed == typeof(ITaskHub) || needed == typeof(IReconciler) || needed == typeof(IReportListener) || needed == typeof(IPrivateEndpointWaker))
            return [typeof(ITaskHub)];
        if (needed.IsGenericType && needed.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            return Implementations(needed.GetGenericArguments()[0]);
        var registered = App.Where(s => !s.IsKeyedService && s.ServiceType == needed).Select(s => s.ImplementationType ?? s.ServiceType);
        return [.. registered.DefaultIfEmpty(needed)];
    }
}
