using Ear.Functions.Azure;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Worker;

/// <summary>What a start in Azure demands of its composition; the start itself, on the official worker, is in Ear.CloudBuild.Tests.</summary>
public sealed class CloudCompositionTests
{
    [Fact]
    public void In_Azure_something_stands_behind_every_port()
    {
        var app = FunctionsApplication.CreateBuilder([]).AddEar();
        app.Services.AddPortsInAzure(app.Configuration);

        Assert.Empty(UnmetNeeds.Of(app.Services, typeof(EarApp).Assembly));
    }

    [Fact]
    public void Who_needs_a_port_that_nothing_implements_is_named()
    {
        var app = FunctionsApplication.CreateBuilder([]).AddEar();
        app.Services.AddSingleton<Ear.Projects.IProjects>(_ => throw new InvalidOperationException("Nobody asks for it."));

        var unmet = UnmetNeeds.Of(app.Services, typeof(EarApp).Assembly);

        Assert.DoesNotContain("Ear.Projects.IProjects", unmet.Keys);
        Assert.Contains("ClusterWishes", unmet["Ear.Clusters.IClusters"]);
        // Needed by a class of functions alone, which no container knows.
        Assert.Contains("WakeUnfinishedClusters", unmet["Ear.Clusters.IUnfinishedClusters"]);
    }
}
