using System.Reflection;
using Ear.Functions.Tests.Http;
using Ear.Functions.Tests.Http.World;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Tests.Operator;

/// <summary>Which of the host's keys opens which door (ADR-0014).</summary>
public sealed class OperatorKeyTests
{
    private const string Node = "/api/operator/v1/groups/333333333333333333333333/nodes/111111111111111111111111";

    public static TheoryData<string, string, string> Machines => new()
    {
        { "GET", "/api/operator/v1/awaitedNodes", "" },
        { "GET", "/api/operator/v1/releasedNodes", "" },
        { "POST", $"{Node}/enrolment", "{}" },
        { "DELETE", $"{Node}/machine", "" },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    [InlineData("POST", "/api/operator/v1/firstAccess", "{}")]
    [InlineData("POST", "/api/operator/v1/ownSecrets/renewal", "{}")]
    public async Task Nobody_comes_in_without_a_key_of_the_host_whatever_they_may_do_in_a_project(string method, string path, string body)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        using var token = await doors.AsAsync("ORG_OWNER");
        using var wrong = doors.WithHostKey(new string('0', 64));
        using var nobody = doors.Anonymous();

        foreach (var client in (HttpClient[])[owner, token, wrong, nobody])
            Assert.Equal(401, (await client.SendJsonAsync(new(method), path, body.Length == 0 ? null : body)).Status);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Machines_come_in_with_the_function_key_and_with_the_master_key(string method, string path, string body)
    {
        await using var doors = await Doors.OpenAsync();

        foreach (var key in (string[])[doors.HostKeys.Function, doors.HostKeys.Master])
        {
            using var client = doors.WithHostKey(key);
            Assert.NotEqual(401, (await client.SendJsonAsync(new(method), path, body.Length == 0 ? null : body)).Status);
        }
    }

    [Fact]
    public async Task The_key_of_machines_neither_gives_the_first_access_nor_renews_a_secret()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var before = doors.Store.Everything;

        Assert.Equal(401, (await machines.SendJsonAsync(HttpMethod.Post, "/api/operator/v1/firstAccess", """{"ownerEmails":["owner@example.com"],"renewSecrets":true}""")).Status);
        Assert.Equal(401, (await machines.SendJsonAsync(HttpMethod.Post, "/api/operator/v1/ownSecrets/renewal", """{"names":["sealing-key"]}""")).Status);
        Assert.True(doors.Store.IsUnchangedSince(before));
    }

    /// <summary>A host key of level Function opens every function of that level; so nothing else may have it.</summary>
    [Fact]
    public void Only_the_operators_doors_ask_for_a_key_and_all_of_them_do()
    {
        var doors = typeof(EarApp).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .Select(m => m.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null)).OfType<HttpTriggerAttribute>().ToList();

        Assert.All(doors, d => Assert.Equal(d.Route!.StartsWith("operator/", StringComparison.Ordinal), d.AuthLevel is not AuthorizationLevel.Anonymous));
        Assert.Equal(["operator/v1/firstAccess", "operator/v1/ownSecrets/renewal"], doors.Where(d => d.AuthLevel is AuthorizationLevel.Admin).Select(d => d.Route!).Order(StringComparer.Ordinal));
    }
}
