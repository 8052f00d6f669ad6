using System.Text.RegularExpressions;
using Ear.Functions;
using Ear.Functions.Azure;
using Ear.Infra.Tests.Compiling;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Infra.Tests;

/// <summary>A deployment's settings are enough for the app: the checks of its start are run over them.</summary>
public sealed class StartTests(Scenes scenes)
{
    [Fact]
    public async Task What_is_deployed_starts()
    {
        foreach (var deployment in await scenes.AllAsync())
            Check(deployment.Settings);
    }

    [Theory]
    [InlineData("Ear__Smtp__Host")]
    [InlineData("Ear__Smtp__From")]
    [InlineData("Ear__Store__TableServiceUri")]
    [InlineData("Ear__Secrets__KeyIdentifier")]
    public async Task What_nobody_set_ends_the_start_and_is_named(string setting)
    {
        var settings = (await scenes.Plain).Settings;
        settings[setting] = "";

        var refusal = Assert.ThrowsAny<Exception>(() => Check(settings));

        Assert.Contains(setting.Split("__")[^1], refusal.Message, StringComparison.Ordinal);
    }

    private static void Check(Dictionary<string, string> settings)
    {
        var app = FunctionsApplication.CreateBuilder([]);
        app.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)Known(s.Key, s.Value))));
        app.AddEar().AddEarInAzure();
        using var services = app.Services.BuildServiceProvider();
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    /// <summary>What only a deployment knows, as it will look; the host resolves what is in the vault.</summary>
    private static string Known(string name, string value) => value switch
    {
        _ when value.StartsWith("@Microsoft.KeyVault(", StringComparison.Ordinal) => "a secret",
        _ when !value.StartsWith('[') => value,
        _ when Regex.Match(value, @"^\[format\('https://\{0\}\.(\w+)\.\{1\}', '(\w+)', environment\(\)\.suffixes\.storage\)\]$") is { Success: true } of => $"https://{of.Groups[2]}.{of.Groups[1]}.core.windows.net",
        _ when value.EndsWith(".clientId]", StringComparison.Ordinal) => "22222222-2222-2222-2222-222222222222",
        _ when value.EndsWith(".keyUri]", StringComparison.Ordinal) => "https://ear-abc.vault.azure.net/keys/ear-data",
        "[environment().resourceManager]" => "https://management.azure.com/",
        _ when name.StartsWith("Ear__ControlPlane__Outbound__", StringComparison.Ordinal) => "20.1.2.3/32",
        // Read by the host and the exporter of telemetry.
        _ when name is "APPLICATIONINSIGHTS_CONNECTION_STRING" or "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" or "DurableTaskScheduler" || name.StartsWith("AzureWebJobs", StringComparison.Ordinal) => "x",
        _ => throw new InvalidOperationException($"{name} is {value}, which only a deployment knows: say what it will look like."),
    };
}
