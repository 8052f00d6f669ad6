using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Settings;

/// <summary>
/// All settings of all rooms and providers, before anything is made of them. The host's own check at start comes too late for one message: by then hosted
/// services and exporters have asked for their options, and the first faulty ones hide all others; and a value that cannot be read it does not collect at all.
/// </summary>
public static class SettingsCheck
{
    private static readonly MethodInfo FaultsOfOne = typeof(SettingsCheck).GetMethod(nameof(FaultsOf), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Call when every room is added, and before the container is built.</summary>
    /// <exception cref="FaultySettingsException">Some setting is missing or wrong; it names every one.</exception>
    public static void RefuseFaultySettings(this IServiceCollection services, IConfiguration configuration)
    {
        // A container of its own, in which nobody asks for anything but options. Configuration by instance, which this container does not end.
        var copy = new ServiceCollection { services };
        using var options = copy.Replace(ServiceDescriptor.Singleton(configuration)).AddOptions().BuildServiceProvider();
        var faults = services.Select(s => OptionsIn(s.ServiceType)).OfType<Type>().Distinct()
            .SelectMany(type => (IEnumerable<string>)FaultsOfOne.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [options, configuration], null)!)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (faults.Count > 0)
            throw new FaultySettingsException(faults);
    }

    /// <returns>The class of Ear's options that this service configures or checks, if it does: those have a section.</returns>
    private static Type? OptionsIn(Type service)
        => service.IsGenericType && (service.GetGenericTypeDefinition() == typeof(IConfigureOptions<>) || service.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
            && service.GetGenericArguments()[0] is { IsGenericParameter: false } type && SectionOf(type) is not null ? type : null;

    private static string? SectionOf(Type options) => options.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } field ? field.GetRawConstantValue() as string : null;

    private static IEnumerable<string> FaultsOf<T>(IServiceProvider services, IConfiguration configuration)
        where T : class, new()
    {
        var section = SectionOf(typeof(T)) is { Length: > 0 } name ? configuration.GetSection(name) : configuration;
        var unreadable = UnreadableValues.In(section, typeof(T));
        if (unreadable.Count > 0)
            return unreadable.Select(u => $"{u.Setting} {u.Words}").Concat(FaultsOfTheRest<T>(services, section, unreadable));
        try
        {
            _ = services.GetRequiredService<IOptions<T>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    // As the container makes them, but the values that cannot be read stay at their defaults, so that the others are judged, too.
    private static IEnumerable<string> FaultsOfTheRest<T>(IServiceProvider services, IConfiguration section, IReadOnlyCollection<UnreadableValue> unreadable)
        where T : class, new()
    {
        var options = new T();
        foreach (var configure in services.GetServices<IConfigureOptions<T>>())
        {
            try
            {
                configure.Configure(options);
            }
            catch (InvalidOperationException)
            {
                // It met such a value, and left off there.
                UnreadableValues.Without(section, unreadable).Bind(options);
            }
        }
        foreach (var afterwards in services.GetServices<IPostConfigureOptions<T>>())
            afterwards.PostConfigure(Options.DefaultName, options);
        return services.GetServices<IValidateOptions<T>>().Select(v => v.Validate(Options.DefaultName, options)).Where(r => r.Failed).SelectMany(r => r.Failures ?? []);
    }
}
