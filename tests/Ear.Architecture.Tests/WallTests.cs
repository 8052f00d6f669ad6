using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Ear.Architecture.Tests;

/// <summary>The walls of the design (§3): dependencies point inward, rooms meet only in the domain.</summary>
public sealed class WallTests
{
    private static readonly System.Reflection.Assembly Domain = typeof(Projects.ProjectId).Assembly;
    private static readonly System.Reflection.Assembly Providers = System.Reflection.Assembly.Load("Ear.Providers");
    private static readonly System.Reflection.Assembly App = System.Reflection.Assembly.Load("Ear.Functions");
    private static readonly System.Reflection.Assembly Agent = System.Reflection.Assembly.Load("Ear.Agent");
    private static readonly System.Reflection.Assembly Sdk = System.Reflection.Assembly.Load("Ear.Sdk");
    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader().LoadAssemblies(Domain, Providers, App, Agent, Sdk).Build();

    [Fact]
    public void The_domain_references_nothing_outward()
    {
        var outward = Domain.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => !n.StartsWith("System", StringComparison.Ordinal) && n is not ("netstandard" or "mscorlib"))
            .Where(n => !(n.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && n.EndsWith(".Abstractions", StringComparison.Ordinal)));
        Assert.Empty(outward);
    }

    [Fact]
    public void Providers_know_the_domain_and_never_the_app()
        => Assert.DoesNotContain("Ear.Functions", Names(Providers));

    [Fact]
    public void The_agent_knows_only_the_domain()
        => Assert.Equal(["Ear"], Names(Agent).Where(n => n.StartsWith("Ear", StringComparison.Ordinal)));

    [Fact]
    public void Nobody_but_the_local_command_knows_the_local_command()
    {
        foreach (var assembly in new[] { Domain, Providers, App, Agent, Sdk })
            Assert.DoesNotContain("Ear.Local", Names(assembly));
    }

    [Fact]
    public void Only_the_list_of_rooms_knows_the_providers()
        => Types().That().ResideInAssembly(App).And().DoNotHaveFullNameMatching(@"^Ear\.Functions\.(EarApp|Program|Azure\.EarInAzure)").And().DoNotHaveFullNameMatching("<")
            .Should().NotDependOnAny(Types().That().ResideInAssembly(Providers))
            .Because("a room asks for a port; which provider stands behind it is decided in one place")
            .Check(Code);

    /// <summary>Http and Durable are no rooms: they are what several rooms need to speak HTTP and to start orchestrations.</summary>
    [Fact]
    public void Rooms_of_the_app_meet_only_in_the_domain()
    {
        var rooms = App.GetTypes().Select(t => t.Namespace ?? "").Where(n => n.StartsWith("Ear.Functions.", StringComparison.Ordinal))
            .Select(n => n.Split('.')[2]).Distinct(StringComparer.Ordinal).Where(r => r is not ("Http" or "Durable")).Order(StringComparer.Ordinal).ToArray();
        Assert.True(rooms.Length > 3, string.Join(' ', rooms));
        foreach (var room in rooms)
        {
            var others = string.Join('|', rooms.Where(r => r != room));
            Types().That().ResideInNamespaceMatching($@"^Ear\.Functions\.{room}(\..*)?$")
                .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Ear\.Functions\.({others})(\..*)?$"))
                .Because("no feature folder uses another feature folder's types except through Ear")
                .Check(Code);
        }
    }

    private static string[] Names(System.Reflection.Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(a => a.Name!)];
}
