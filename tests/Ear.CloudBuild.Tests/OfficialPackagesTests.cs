using System.Reflection;
using Azure.Messaging.ServiceBus;
using Ear.Sdk.Tests.PublicApi;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.CloudBuild.Tests;

/// <summary>Ear.Sdk against the packages themselves, and the recorded list of their members against the same.</summary>
public sealed class OfficialPackagesTests
{
    private static readonly Assembly[] Official =
    [
        typeof(FunctionAttribute).Assembly, typeof(FunctionsApplication).Assembly, typeof(FunctionContext).Assembly, typeof(TriggerBindingAttribute).Assembly,
        typeof(HttpTriggerAttribute).Assembly, typeof(FunctionsApplicationBuilderAspNetCoreExtensions).Assembly, typeof(TimerTriggerAttribute).Assembly,
        typeof(OrchestrationTriggerAttribute).Assembly, typeof(TaskOrchestrationContext).Assembly, typeof(DurableTaskClient).Assembly, typeof(ServiceBusClient).Assembly,
        typeof(ConfigureFunctionsOpenTelemetry).Assembly,
    ];

    /// <summary>Of these the feed has no package (Ear.CloudBuild.csproj); the recorded list alone guards them.</summary>
    private static readonly string[] Unserved = ["Azure.Security.KeyVault.Keys", "Google.Cloud.Kms.V1"];

    private static readonly string[] UnservedTypes = ["Microsoft.Azure.Functions.Worker.ServiceBusTriggerAttribute", "Microsoft.Azure.Functions.Worker.ServiceBusMessageActions"];

    private static readonly Dictionary<string, Type> Types = Official.Distinct()
        .SelectMany(PublicApiRenderer.Visible).Where(t => t.Namespace is not null).GroupBy(t => t.FullName!, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    private static readonly IReadOnlyList<Type> OwnTypes =
    [
        .. PublicApiRenderer.Visible(Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Ear.Sdk.dll")))
            .Where(t => !Unserved.Any(u => t.Namespace!.StartsWith(u, StringComparison.Ordinal)) && !UnservedTypes.Contains(t.FullName, StringComparer.Ordinal)),
    ];

    [Fact]
    public void Every_type_is_in_the_packages()
    {
        Assert.True(OwnTypes.Count > 70, $"{OwnTypes.Count}");
        Assert.DoesNotContain(OwnTypes, t => !Types.ContainsKey(t.FullName!));
    }

    [Fact]
    public void Every_member_has_the_signature_of_the_packages() => Same(t => PublicApiRenderer.Render(t));

    [Fact]
    public void Every_type_and_member_has_the_shape_of_the_packages() => Same(ShapeRenderer.Render);

    /// <summary>The renderer writes what PublicApiAnalyzers writes: thousands of members that others have rendered prove it.</summary>
    [Fact]
    public void The_recorded_list_says_of_these_packages_what_they_are()
    {
        if (Surface.Find() is not { } surface)
        {
            Assert.Skip("../shared/spec/package-surface.txt, the public API of the official packages, is not beside this repository.");
            return;
        }

        // Recorded at exactly the pinned version; the others are recorded at an older one, which their users go on finding.
        Assembly[] same = [typeof(FunctionContext).Assembly, typeof(FunctionsApplication).Assembly, typeof(TriggerBindingAttribute).Assembly, typeof(HttpTriggerAttribute).Assembly, typeof(TimerTriggerAttribute).Assembly];
        var lines = same.Distinct().SelectMany(PublicApiRenderer.Visible).Where(t => t.Namespace is not null).SelectMany(PublicApiRenderer.Render).ToList();

        Assert.True(lines.Count > 300, $"{lines.Count}");
        Assert.Empty(surface.Missing(lines));
    }

    private static void Same(Func<Type, IEnumerable<string>> render)
    {
        var different = new List<string>();
        foreach (var own in OwnTypes.Where(t => Types.ContainsKey(t.FullName!)))
            different.AddRange(render(own).Except(render(Types[own.FullName!]), StringComparer.Ordinal));
        Assert.True(different.Count == 0, $"The official packages do not have:\n{string.Join('\n', different)}");
    }
}
