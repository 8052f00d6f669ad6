using System.Text.Json;
using Ear.Providers.AwsKms;
using Ear.Providers.AzureKeyVault;
using Ear.Providers.AzurePrivateLink;
using Ear.Providers.AzureTables;
using Ear.Providers.GoogleCloudKms;
using Ear.Providers.Kms;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.Kms;

/// <summary>local.settings.sample.json, as far as it is about key management services and the store.</summary>
public sealed class SampleSettingsTests
{
    [Fact]
    public void Its_values_are_taken_and_are_the_defaults()
    {
        using var given = Services(Sample());
        using var none = Services([]);

        Same<AwsKmsOptions>(given, none);
        Same<AzureKeyVaultOptions>(given, none);
        Same<GoogleCloudKmsOptions>(given, none);
    }

    [Theory]
    [InlineData(AwsKmsOptions.Section, typeof(AwsKmsOptions))]
    [InlineData(AzureKeyVaultOptions.Section, typeof(AzureKeyVaultOptions))]
    [InlineData(GoogleCloudKmsOptions.Section, typeof(GoogleCloudKmsOptions))]
    [InlineData(AzureTablesStoreOptions.Section, typeof(AzureTablesStoreOptions))]
    [InlineData(AzurePrivateLinkOptions.Section, typeof(AzurePrivateLinkOptions))]
    public void It_names_every_setting_and_no_other(string section, Type options)
    {
        var named = Sample().Keys.Where(k => k.StartsWith($"{section}:", StringComparison.Ordinal)).Select(k => k[(section.Length + 1)..]).Where(k => !k.Contains(':', StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        // A list has no single value to show; its place is the documentation.
        var there = options.GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order(StringComparer.Ordinal);

        Assert.Equal(there, named);
    }

    [Fact]
    public void It_makes_no_private_endpoints_and_shows_what_it_takes()
    {
        var sample = Sample();

        Assert.Empty(new ServiceCollection().AddAzurePrivateLink(new ConfigurationBuilder().AddInMemoryCollection(sample).Build()));
        Assert.Equal(
            typeof(AzurePrivateLinkRegion).GetProperties().Select(p => $"{AzurePrivateLinkOptions.Section}:Regions:US_EAST_2:{p.Name}").Order(StringComparer.Ordinal),
            sample.Keys.Where(k => k.StartsWith($"{AzurePrivateLinkOptions.Section}:Regions:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static void Same<T>(ServiceProvider given, ServiceProvider none)
        where T : KmsCallOptions
    {
        var (one, other) = (given.GetRequiredService<IOptions<T>>().Value, none.GetRequiredService<IOptions<T>>().Value);
        foreach (var property in typeof(T).GetProperties().Where(p => p.CanWrite))
            Assert.Equal((property.Name, Shown(property.GetValue(other))), (property.Name, Shown(property.GetValue(one))));
    }

    /// <summary>Empty is unset.</summary>
    private static string Shown(object? value) => value?.ToString() ?? "";

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddLogging().AddAwsKms().AddAzureKeyVault().AddGoogleCloudKms();
        return services.BuildServiceProvider();
    }

    private static Dictionary<string, string?> Sample()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "local.settings.sample.json")))
            at = at.Parent ?? throw new InvalidOperationException("local.settings.sample.json is not above this test program.");
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(at.FullName, "local.settings.sample.json")));
        return document.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(p => p.Name.Replace("__", ":", StringComparison.Ordinal), p => p.Value.GetString());
    }
}
