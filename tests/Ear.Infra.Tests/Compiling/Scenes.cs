[assembly: AssemblyFixture(typeof(Ear.Infra.Tests.Compiling.Scenes))]

namespace Ear.Infra.Tests.Compiling;

/// <summary>Three ways to deploy Ear, each foreseen once for all tests.</summary>
public sealed class Scenes
{
    /// <summary>What the template has no default for, beside name and place.</summary>
    internal const string Needed = "param smtpHost = 'smtp.example.org'\nparam mailFrom = 'Ear <ear@example.org>'";

    private readonly Lazy<Task<Deployment>> plain = new(() => Deployment.ForeseeAsync($"""
        param environmentName = 'orders'
        param location = 'northeurope'
        {Needed}
        """));

    // As long and as odd as azd lets a name be, and everything on.
    private readonly Lazy<Task<Deployment>> everything = new(() => Deployment.ForeseeAsync($$"""
        param environmentName = 'My_very.long(environment)name--that-goes-on-and-on-up-to-64-char'
        param location = 'germanywestcentral'
        {{Needed}}
        param regions = [
          { name: 'GERMANY_WEST_CENTRAL', location: 'germanywestcentral', addressPrefix: '10.81.0.0/24' }
          { name: 'US_EAST_2', location: 'eastus2', addressPrefix: '10.82.0.0/24', dnsZone: true }
        ]
        param durableBackend = 'DurableTaskScheduler'
        param vaultSku = 'premium'
        param auditReaderPrincipalId = '11111111-1111-1111-1111-111111111111'
        param alertEmails = ['operators@example.org']
        param dataReplication = 'Standard_RAGZRS'
        param tags = [{ name: 'owner', value: 'platform' }]
        param settingsFromVault = [{ name: 'Ear__GoogleCloudKms__ServiceAccountKey', secret: 'google' }]
        param appSettings = [{ name: 'Ear__Http__RequestsPerSecond', value: '50' }]
        """));

    // Cut off at twelve, its name ends with a hyphen.
    private readonly Lazy<Task<Deployment>> small = new(() => Deployment.ForeseeAsync($"""
        param environmentName = '.Abcdefghijk--lab-'
        param location = 'northeurope'
        {Needed}
        param zoneRedundant = false
        param serviceBusSku = 'Standard'
        """));

    private readonly Lazy<Task<Said>> main = new(() => Bicep.TryAsync("build", Path.Combine("infra", "main.bicep"), "--stdout"));

    private readonly Lazy<Task<Said>> endpoint = new(() => Bicep.TryAsync("build", Path.Combine("infra", "modules", "keyVaultPrivateEndpoint.bicep"), "--stdout"));

    /// <summary>main.bicep with all modules it uses, compiled; what the compiler and its linter have to say of any of them is in <see cref="Said.Error"/>.</summary>
    internal Task<Said> Main => main.Value;

    /// <summary>The module that the app deploys, compiled.</summary>
    internal Task<Said> Endpoint => endpoint.Value;

    /// <summary>Every parameter at its default that has one.</summary>
    internal Task<Deployment> Plain => plain.Value;

    internal Task<Deployment> Everything => everything.Value;

    /// <summary>Without zones, and with the bus that has no private endpoint.</summary>
    internal Task<Deployment> Small => small.Value;

    internal async Task<IReadOnlyList<Deployment>> AllAsync() => [await Plain, await Everything, await Small];
}
