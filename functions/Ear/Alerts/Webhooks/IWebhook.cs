namespace Ear.Alerts.Webhooks;

/// <summary>The way to whoever a customer named: any address on the internet, and none of Ear's own network.</summary>
public interface IWebhook
{
    /// <summary>What can be said against an address without asking anybody, e.g. that it is not https.</summary>
    /// <returns>A sentence that names the rule and not the address; null: nothing.</returns>
    string? FaultOf(string url);

    /// <exception cref="IOException">No answer, or one that may be another in a while: try again later. Its text names neither the address nor the key.</exception>
    Task<WebhookAnswer> PostAsync(WebhookAddress to, WebhookMessage message, CancellationToken cancellation);
}

/// <param name="Id">Stable per intended message: a repeat after a lost answer carries the same, so that the receiver may drop it.</param>
/// <param name="Event">Atlas's word for what became of the alert, e.g. alert.open.</param>
/// <param name="Body">JSON. These bytes are signed.</param>
public sealed record WebhookMessage(string Id, string Event, ReadOnlyMemory<byte> Body);

public abstract record WebhookAnswer
{
    private WebhookAnswer()
    {
    }

    public sealed record Taken : WebhookAnswer;

    /// <summary>The same message would be refused again.</summary>
    /// <param name="Why">For the log: one of a few sentences, in which nothing of the address or the answer's text is.</param>
    public sealed record Refused(string Why) : WebhookAnswer;
}
