using Ear.Local.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Host;

/// <summary>The real host on a free port with a few functions and, unless told otherwise, its own data folder.</summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    private readonly string? _ownFolder;

    private HostUnderTest(FunctionsHost host, Seen seen, FakeTimeProvider time, string? ownFolder)
    {
        Host = host;
        Seen = seen;
        Time = time;
        _ownFolder = ownFolder;
        Client = new HttpClient { BaseAddress = host.BaseAddress, Timeout = TimeSpan.FromSeconds(20) };
    }

    public FunctionsHost Host { get; }

    public HttpClient Client { get; }

    /// <summary>What the functions of the test noted.</summary>
    public Seen Seen { get; }

    public FakeTimeProvider Time { get; }

    public static async Task<HostUnderTest> StartAsync(
        IReadOnlyList<Type> classes,
        string? dataFolder = null,
        FakeTimeProvider? time = null,
        Action<FunctionsApplicationBuilder>? configure = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        Func<FunctionsHostOptions, FunctionsHostOptions>? options = null,
        Seen? seen = null)
    {
        var folder = dataFolder ?? NewFolder();
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        seen ??= new Seen();
        var host = Build(classes, folder, time, configure, settings, options, seen);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new HostUnderTest(host, seen, time, dataFolder is null ? folder : null);
    }

    public static FunctionsHost Build(
        IReadOnlyList<Type> classes,
        string folder,
        TimeProvider? time = null,
        Action<FunctionsApplicationBuilder>? configure = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        Func<FunctionsHostOptions, FunctionsHostOptions>? options = null,
        Seen? seen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(seen ?? new Seen());
        var hostOptions = new FunctionsHostOptions { DataFolder = folder };
        return FunctionsHost.Build(builder, classes, options?.Invoke(hostOptions) ?? hostOptions, app =>
        {
            app.ConfigureFunctionsWebApplication();
            configure?.Invoke(app);
        });
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("ear-host-").FullName;

    public Task<HttpResponseMessage> RunNowAsync(string function, string input = "", string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/functions/{function}")
        {
            Content = new StringContent($$"""{"input":"{{input}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("x-functions-key", key ?? Host.MasterKey);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass in small steps until the condition holds, so that every loop gets to see each step.</summary>
    public async Task PassAsync(TimeSpan time, Func<bool>? until = null)
    {
        var step = time / 20;
        for (var i = 0; i < 20 && until?.Invoke() != true; i++)
        {
            Time.Advance(step);
            await Task.Delay(10);
        }

        if (until is not null)
            await Eventually.HoldsAsync(until);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.StopAsync();
        await Host.DisposeAsync();
        if (_ownFolder is not null)
            Directory.Delete(_ownFolder, recursive: true);
    }
}

/// <summary>Notes of functions, in the order in which they ran.</summary>
public sealed class Seen
{
    private readonly List<string> _notes = [];

    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (_notes)
                return [.. _notes];
        }
    }

    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Note(string note)
    {
        lock (_notes)
            _notes.Add(note);
    }

    public int Count(string note) => Notes.Count(n => n == note);
}

internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition)
    {
        var until = DateTime.UtcNow.AddSeconds(15);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < until, "What the test waits for did not come true within 15 seconds.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
