using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ear.Local.Kms;

/// <summary>
/// One port on 127.0.0.1 that can really go away: <see cref="CloseAsync"/> breaks the connections and closes the listening socket, so that clients get
/// "connection refused", and <see cref="OpenAsync"/> opens the same port again.
/// </summary>
internal sealed class Listener : IAsyncDisposable
{
    private const int MaxBodyBytes = 1 << 20;

    private readonly ListenerSetup setup;
    private readonly SemaphoreSlim gate = new(1);
    private WebApplication? app;
    private Socket? placeholder;

    private Listener(ListenerSetup setup) => this.setup = setup;

    public int Port { get; private set; }

    public string Url => $"{setup.Scheme}://{setup.Host}:{Port}";

    public bool IsOpen => app is not null;

    /// <param name="what">Name for the message when the port is taken.</param>
    /// <param name="port">0: any free one.</param>
    public static Task<Listener> StartAsync(string what, int port, RequestDelegate handle, CancellationToken stop)
        => StartAsync(what, port, new ListenerSetup(app => app.Run(handle)), stop);

    public static async Task<Listener> StartAsync(string what, int port, ListenerSetup setup, CancellationToken stop)
    {
        var listener = new Listener(setup) { Port = port };
        try
        {
            await listener.OpenAsync(stop);
            return listener;
        }
        catch (IOException e)
        {
            await listener.DisposeAsync();
            throw new InvalidOperationException($"Port {port} for {what} cannot be used: {e.Message} Stop what uses it, or give another port.", e);
        }
    }

    public async Task OpenAsync(CancellationToken stop)
    {
        await gate.WaitAsync(stop);
        try
        {
            if (app is not null)
                return;
            var opened = Build();
            try
            {
                await opened.StartAsync(stop);
            }
            catch
            {
                await opened.DisposeAsync();
                throw;
            }
            Port = new Uri(opened.Urls.First()).Port;
            app = opened;
            placeholder?.Dispose();
            placeholder = null;
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task CloseAsync()
    {
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (app is null)
                return;
            await StopAsync(app);
            app = null;
            // Bound and not listening: connects are refused, and nobody else is given the port meanwhile.
            placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            placeholder.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await StopAsync(app);
        app = null;
        placeholder?.Dispose();
        gate.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, Port, listen => setup.Listen?.Invoke(listen));
        });
        setup.Services?.Invoke(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, Owned>();
        var built = builder.Build();
        setup.Map(built);
        return built;
    }

    private static async Task StopAsync(WebApplication running)
    {
        // Already cancelled: no grace for requests in flight, as with a network that goes away.
        await running.StopAsync(new CancellationToken(canceled: true));
        await running.DisposeAsync();
    }

    /// <summary>Its owner ends it. The default would take Ctrl-C and SIGTERM from the process, which would then neither stop in order nor at all.</summary>
    private sealed class Owned : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What is served on a port, and how. Used anew each time the port opens.</summary>
/// <param name="Map">Routes of the application.</param>
internal sealed record ListenerSetup(Action<WebApplication> Map)
{
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>Protocols and TLS of the port.</summary>
    public Action<ListenOptions>? Listen { get; init; }

    public string Scheme { get; init; } = "http";

    /// <summary>Name in <see cref="Listener.Url"/>; it must resolve to 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";
}
