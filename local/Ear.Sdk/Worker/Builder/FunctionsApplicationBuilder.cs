using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// What an app fills: services, configuration, middleware. Whoever hosts the app hands in the application builder that
/// really carries them (Ear.Local: a WebApplicationBuilder) and takes the middleware back with <see cref="Compose"/>.
/// </summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly IHostApplicationBuilder _inner;
    private readonly Func<FunctionsApplicationBuilder, IHost> _build;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];

    internal FunctionsApplicationBuilder(IHostApplicationBuilder inner, Func<FunctionsApplicationBuilder, IHost> build)
    {
        _inner = inner;
        _build = build;
        Configuration = inner.Configuration as ConfigurationManager
            ?? throw new ArgumentException("The application builder must keep its configuration in a ConfigurationManager.", nameof(inner));
    }

    public IDictionary<object, object> Properties => _inner.Properties;

    public ConfigurationManager Configuration { get; }

    public IHostEnvironment Environment => _inner.Environment;

    public ILoggingBuilder Logging => _inner.Logging;

    public IMetricsBuilder Metrics => _inner.Metrics;

    public IServiceCollection Services => _inner.Services;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>Whether the app asked for ASP.NET Core types in its HTTP functions; the local host serves no others.</summary>
    internal bool ServesAspNetCore { get; set; }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory,
        Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        _inner.ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        _middleware.Add(middleware);
        return this;
    }

    public IHost Build() => _build(this);

    /// <summary>The middleware in order of registration, with <paramref name="terminal"/> as its last step.</summary>
    internal FunctionExecutionDelegate Compose(FunctionExecutionDelegate terminal)
    {
        var pipeline = terminal;
        for (var i = _middleware.Count - 1; i >= 0; i--)
            pipeline = _middleware[i](pipeline);
        return pipeline;
    }
}
