using System.Net;
using System.Net.Sockets;
using Ear.Alerts.Webhooks;
using Ear.Providers.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Providers.Tests.Webhooks;

/// <summary>The sender as the app makes it; names lead where the test says.</summary>
internal sealed class Sender : IDisposable
{
    private readonly ServiceProvider _services;

    public Sender(Action<WebhookOptions>? configure = null, Names? names = null, TimeProvider? time = null)
        => _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton<IHostAddresses>(names ?? new Names())
            .AddWebhooks(configure)
            .BuildServiceProvider();

    public IWebhook Webhook => _services.GetRequiredService<IWebhook>();

    public Task<WebhookAnswer> PostAsync(string url, string? key = null, string body = "{}")
        => Webhook.PostAsync(new WebhookAddress(url, key), new WebhookMessage("m1", "alert.open", System.Text.Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken);

    public void Dispose() => _services.Dispose();
}

/// <summary>A resolver that answers each question with the next of its answers, and at last with the last.</summary>
internal sealed class Names(params string[][] answers) : IHostAddresses
{
    private readonly List<string> _asked = [];

    public IReadOnlyList<string> Asked => _asked;

    public Task<IPAddress[]> OfAsync(string host, CancellationToken cancellation)
    {
        _asked.Add(host);
        return answers.Length == 0
            ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
            : Task.FromResult(answers[Math.Min(_asked.Count, answers.Length) - 1].Select(IPAddress.Parse).ToArray());
    }
}
