using System.Collections;
using System.Globalization;
using System.Reflection;
using Ear.Functions.Azure;
using Ear.Providers.AzurePrivateLink;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Worker;

/// <summary>The sample names every setting that the app reads in Azure, and no other. Which these are is asked of what Program.cs registers.</summary>
public sealed class SampleSettingsTests
{
    /// <summary>Settings of one machine alone: <c>ear up</c> sets them itself.</summary>
    private static readonly string[] OneMachine = ["Ear.Providers.Sqlite", "Ear.Providers.Files"];

    private static readonly IReadOnlyList<Type> Registered = Find();

    public static TheoryData<Type> Options => [.. Registered];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_setting_of_a_class_of_options_is_in_the_sample_and_is_taken(Type options)
    {
        var (section, settings) = (SectionOf(options)!, SampleSettings.Read());
        var named = settings.Keys.Where(k => k.StartsWith($"{section}:", StringComparison.Ordinal)).ToList();

        var (one, many) = SettingsOf(options, section);
        Assert.Equal(one.Order(StringComparer.Ordinal), named.Where(n => !many.Any(m => n.StartsWith($"{m}:", StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        // One example of each map shows how its entries are named.
        Assert.All(many, map => Assert.Contains(named, n => n.StartsWith($"{map}:", StringComparison.Ordinal)));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        Assert.NotNull(configuration.GetSection(section).Get(options) ?? Activator.CreateInstance(options));
    }

    [Fact]
    public void Every_class_with_a_section_is_registered_or_for_one_machine()
    {
        var all = new[] { typeof(EarApp).Assembly, Assembly.Load("Ear.Providers") }.SelectMany(a => a.GetTypes()).Where(t => t is { IsAbstract: false } && SectionOf(t) is not null).ToList();

        Assert.True(Registered.Count >= 12, string.Join(' ', Registered));
        Assert.Equal(
            Registered.Select(t => t.FullName).Order(StringComparer.Ordinal),
            all.Where(t => !OneMachine.Contains(t.Namespace)).Select(t => t.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_setting_of_Ear_s_belongs_to_nobody()
        => Assert.DoesNotContain(
            SampleSettings.Read().Keys.Where(k => k.StartsWith("Ear:", StringComparison.Ordinal)),
            k => !Registered.Any(t => k.StartsWith($"{SectionOf(t)}:", StringComparison.Ordinal)));

    [Fact]
    public void No_value_is_a_secret_or_somebody_s_address()
        => Assert.All(SampleSettings.Read(), s => Assert.True(
            string.IsNullOrEmpty(s.Value) || TimeSpan.TryParse(s.Value, CultureInfo.InvariantCulture, out _) || !(s.Key.Contains("Secret", StringComparison.Ordinal) || s.Key.EndsWith("Key", StringComparison.Ordinal)), $"{s.Key} has a value."));

    private static List<Type> Find()
    {
        var app = FunctionsApplication.CreateBuilder([]).AddEar();
        // Private link is on where it is set at all.
        app.Configuration.AddInMemoryCollection([new($"{AzurePrivateLinkOptions.Section}:ResourceGroup", "ear")]);
        app.Services.AddPortsInAzure(app.Configuration);
        return
        [
            .. app.Services.Select(s => s.ServiceType)
                .Where(t => t.IsGenericType && (t.GetGenericTypeDefinition() == typeof(IConfigureOptions<>) || t.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>)))
                .Select(t => t.GetGenericArguments()[0]).Where(t => t.Assembly.GetName().Name!.StartsWith("Ear", StringComparison.Ordinal)).Distinct().OrderBy(t => t.FullName, StringComparer.Ordinal),
        ];
    }

    private static string? SectionOf(Type options) => (string?)options.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue();

    /// <returns>Settings of one value; and maps, whose names are the user's. A list without a setter has no single value to show: its place is the documentation.</returns>
    private static (List<string> One, List<string> Many) SettingsOf(Type options, string section)
    {
        var (one, many) = (new List<string>(), new List<string>());
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = $"{section}:{property.Name}";
            if (typeof(IDictionary).IsAssignableFrom(property.PropertyType))
                many.Add(name);
            else if (property.PropertyType is { IsClass: true } nested && nested.Assembly == options.Assembly)
            {
                var inner = SettingsOf(nested, name);
                one.AddRange(inner.One);
                many.AddRange(inner.Many);
            }
            else if (property.CanWrite)
                one.Add(name);
        }
        return (one, many);
    }
}
