using System.Collections.Concurrent;
using Ear.Alerts.Webhooks;

namespace Ear.Tests.Fakes;

/// <summary>Receivers that answer as they are told; https only. Passes the port's contract.</summary>
internal sealed class FakeWebhook : IWebhook
{
    private readonly ConcurrentDictionary<string, Func<WebhookAnswer>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(WebhookAddress To, WebhookMessage Message)> _posted = [];

    /// <summary>Everything that reached a receiver, whatever it answered.</summary>
    public IReadOnlyList<(WebhookAddress To, WebhookMessage Message)> Posted => [.. _posted];

    public void Answers(string url, Func<WebhookAnswer> answer) => _answers[url] = answer;

    public void Takes(string url) => _answers[url] = () => new WebhookAnswer.Taken();

    public void Refuses(string url) => _answers[url] = () => new WebhookAnswer.Refused("It answered 404.");

    public void IsAway(string url) => _answers[url] = () => throw new IOException("It could not be reached.");

    public string? FaultOf(string url) => url.StartsWith("https://", StringComparison.Ordinal) ? null : "Must begin with https://.";

    public Task<WebhookAnswer> PostAsync(WebhookAddress to, WebhookMessage message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var answer = _answers.GetValueOrDefault(to.Url, () => new WebhookAnswer.Taken())();
        _posted.Enqueue((to, message));
        return Task.FromResult(answer);
    }
}
