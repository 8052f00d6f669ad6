using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Ear.Functions.Azure;
using Ear.Functions.Telemetry;
using Ear.Providers.AzurePrivateLink;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Worker;

/// <summary>The sample names every setting that the app reads in Azure, and no other. Which these are is asked of what Program.cs registers.</summary>
public sealed partial class SampleSettingsTests
{
    /// <summary>Settings of one machine alone: <c>ear up</c> sets them itself.</summary>
    private static readonly string[] OneMachine = ["Ear.Providers.Sqlite", "Ear.Providers.Files"];

    /// <summary>The app reads them by name: who else reads them decides what they are called.</summary>
    private static readonly string[] WithoutAClass =
    [
        "FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "AzureWebJobsServiceBus:fullyQualifiedNamespace", "EventsTopic", TelemetryRoom.AzureMonitor, TelemetryRoom.OtlpEndpoint, "OTEL_SERVICE_NAME",
    ];

    /// <summary>Where the sample says something else than what is in force without it, because it is for a start with the emulator. infra/ does not deploy it.</summary>
    private static readonly string[] NoDefaults = ["Ear:Store:ConnectionString", "CopySchedule"];

    /// <summary>Whose hosts may be named: Azure's own, and what is to be replaced.</summary>
    private static readonly string[] Hosts = ["management.azure.com", "your-namespace.servicebus.windows.net", "AzureADTokenExchange"];

    private static readonly IReadOnlyList<Type> Registered = Find();

    public static TheoryData<Type> Options => [.. Registered];

    public static TheoryData<string, Type> NullableTexts =>
        [.. AllWithASection().SelectMany(t => t.GetProperties()).Where(p => p.PropertyType == typeof(string) && new NullabilityInfoContext().Create(p).WriteState is NullabilityState.Nullable).Select(p => new TheoryDataRow<string, Type>(p.Name, p.DeclaringType!))];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_setting_of_a_class_of_options_is_in_the_sample_and_is_taken(Type options)
    {
        var (section, settings) = (SectionOf(options)!, SampleSettings.Read());
        var named = settings.Keys.Where(k => section.Length > 0 ? k.StartsWith($"{section}:", StringComparison.Ordinal) : !k.StartsWith("Ear:", StringComparison.Ordinal)).Except(WithoutAClass).ToList();

        var (one, many) = SettingsOf(options, section);
        Assert.Equal(one.Order(StringComparer.Ordinal), named.Where(n => !many.Any(m => n.StartsWith($"{m}:", StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        // One example of each map shows how its entries are named.
        Assert.All(many, map => Assert.Contains(named, n => n.StartsWith($"{map}:", StringComparison.Ordinal)));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        Assert.NotNull(Section(configuration, section).Get(options) ?? Activator.CreateInstance(options));
    }

    /// <summary>infra/ deploys the sample: without this, a default that is changed in the code would change nothing in Azure.</summary>
    [Theory]
    [MemberData(nameof(Options))]
    public void What_the_sample_says_is_what_is_in_force_without_it(Type options)
    {
        var (section, configuration) = (SectionOf(options)!, new ConfigurationBuilder().AddInMemoryCollection(SampleSettings.Read()).Build());
        var (standard, sample) = (Activator.CreateInstance(options)!, Activator.CreateInstance(options)!);
        Section(configuration, section).Bind(sample);

        foreach (var property in options.GetProperties().Where(p => IsOne(p) && !NoDefaults.Contains(Name(section, p))))
            Assert.True(Equals(property.GetValue(standard), property.GetValue(sample)), $"{Name(section, property)} is {property.GetValue(standard)} without the sample, and {property.GetValue(sample)} with it.");
        Assert.All(NoDefaults, name => Assert.Contains(name, SampleSettings.Read().Keys));
    }

    /// <summary>A setting of an app in Azure is deployed empty where it is not wanted: that must not be a user without a name, or a file without one.</summary>
    [Theory]
    [MemberData(nameof(NullableTexts))]
    public void Nothing_written_is_nothing_set(string setting, Type options)
    {
        var (made, property) = (Activator.CreateInstance(options)!, options.GetProperty(setting)!);

        property.SetValue(made, "something");
        Assert.Equal("something", property.GetValue(made));
        property.SetValue(made, "");
        Assert.Null(property.GetValue(made));
    }

    [Fact]
    public void Settings_that_the_app_reads_by_name_are_in_the_sample()
    {
        var root = Path.GetDirectoryName(SampleSettings.File("local.settings.sample.json"))!;
        var read = Directory.EnumerateFiles(Path.Combine(root, "functions"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => ReadByName().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Superset(new HashSet<string> { "EventsTopic", "OTEL_SERVICE_NAME" }, read);
        Assert.All(read.Concat(WithoutAClass), name => Assert.Contains(name, SampleSettings.Read().Keys));
    }

    [Fact]
    public void Every_class_with_a_section_is_registered_or_for_one_machine()
    {
        var all = AllWithASection().ToList();

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
    {
        foreach (var (name, value) in SampleSettings.Read().Where(s => !string.IsNullOrEmpty(s.Value)))
        {
            Assert.False(SecretName().IsMatch(name) && value is not "UseDevelopmentStorage=true", $"{name} has a value.");
            Assert.False(Secret().IsMatch(value!), $"{name} holds what looks like a key, an account or somebody's address.");
            Assert.All(Host().Matches(value!).Select(m => m.Groups[1].Value), host => Assert.Contains(host, Hosts));
        }
    }

    [Theory]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=ear;AccountKey=YQ==")]
    [InlineData("Endpoint=sb://ear.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b")]
    [InlineData("https://ear.blob.core.windows.net/?sv=2024&sig=abc")]
    [InlineData("InstrumentationKey=00000000-0000-0000-0000-000000000000")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("Ear <somebody@example.org>")]
    [InlineData("arn:aws:iam::123456789012:role/ear")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    public void What_looks_like_a_secret_or_an_address_is_known(string value) => Assert.Matches(Secret(), value);

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

    private static IEnumerable<Type> AllWithASection()
        => new[] { typeof(EarApp).Assembly, Assembly.Load("Ear.Providers") }.SelectMany(a => a.GetTypes()).Where(t => t is { IsAbstract: false } && SectionOf(t) is not null);

    private static IConfiguration Section(IConfiguration configuration, string section) => section.Length > 0 ? configuration.GetSection(section) : configuration;

    private static string Name(string section, PropertyInfo property) => section.Length > 0 ? $"{section}:{property.Name}" : property.Name;

    /// <summary>A setting of one value, neither a map nor settings of its own.</summary>
    private static bool IsOne(PropertyInfo property)
        => property.SetMethod is { IsPublic: true } && !typeof(IDictionary).IsAssignableFrom(property.PropertyType) && !IsNested(property);

    private static bool IsNested(PropertyInfo property) => property.PropertyType is { IsClass: true } nested && nested.Assembly == property.DeclaringType!.Assembly;

    private static string? SectionOf(Type options) => (string?)options.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue();

    /// <returns>Settings of one value; and maps, whose names are the user's. A list is written in one value, separated by commas: names with numbers are nobody's friend.</returns>
    private static (List<string> One, List<string> Many) SettingsOf(Type options, string section)
    {
        var (one, many) = (new List<string>(), new List<string>());
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = Name(section, property);
            if (typeof(IDictionary).IsAssignableFrom(property.PropertyType))
                many.Add(name);
            else if (IsNested(property))
            {
                var inner = SettingsOf(property.PropertyType, name);
                one.AddRange(inner.One);
                many.AddRange(inner.Many);
            }
            else if (IsOne(property))
                one.Add(name);
            else
                Assert.False(typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType != typeof(string), $"{name} is a list.");
        }
        return (one, many);
    }

    [GeneratedRegex("(Secret|Password|AccessKey|AccessKeyId|AccountKey|ConnectionString)$", RegexOptions.None, 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\w@\w|AccountKey=|SharedAccess|[?&]sig=|InstrumentationKey=|Password=|PRIVATE KEY|AKIA[0-9A-Z]{16}|\b[0-9]{12}\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?:://|^)((?:[\w-]+\.)+[A-Za-z]{2,}|(?<=api://)\w+)", RegexOptions.None, 1000)]
    private static partial Regex Host();

    [GeneratedRegex("""[cC]onfiguration\["([^"]+)"\]""", RegexOptions.None, 1000)]
    private static partial Regex ReadByName();
}
