using Ear.Alerts.Webhooks;
using Ear.Tests.Fakes;

namespace Ear.Providers.Tests.Webhooks;

public sealed class FakeWebhookContract : WebhookContract
{
    private const string Url = "https://hooks.example.com/hidden-path";
    private readonly FakeWebhook _webhook = new();

    private protected override IWebhook Webhook => _webhook;

    private protected override string Address => Url;

    private protected override IReadOnlyList<string> Arrived => [.. _webhook.Posted.Select(p => p.Message.Id)];

    private protected override void Takes() => _webhook.Takes(Url);

    private protected override void Refuses() => _webhook.Refuses(Url);

    private protected override ValueTask GoesAwayAsync()
    {
        _webhook.IsAway(Url);
        return ValueTask.CompletedTask;
    }
}

public sealed class HttpWebhookContract : WebhookContract, IAsyncLifetime
{
    private Receiver _receiver = null!;
    private Sender _sender = null!;
    private string _address = null!;

    private protected override IWebhook Webhook => _sender.Webhook;

    private protected override string Address => _address;

    private protected override IReadOnlyList<string> Arrived => [.. _receiver.All.Select(r => r.Headers["X-Ear-Delivery"])];

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _address = $"http://127.0.0.1:{_receiver.Port}/hidden-path";
        _sender = new Sender(o => o.LocalHosts = "127.0.0.1");
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _receiver.DisposeAsync();
    }

    private protected override void Takes() => _receiver.Answers(204);

    private protected override void Refuses() => _receiver.Answers(410);

    private protected override ValueTask GoesAwayAsync() => _receiver.DisposeAsync();
}

/// <summary>What holds for every <see cref="IWebhook"/>.</summary>
public abstract class WebhookContract
{
    private protected abstract IWebhook Webhook { get; }

    private protected abstract string Address { get; }

    /// <summary>Ids of what reached the receiver.</summary>
    private protected abstract IReadOnlyList<string> Arrived { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract void Takes();

    private protected abstract void Refuses();

    private protected abstract ValueTask GoesAwayAsync();

    [Fact]
    public async Task What_is_posted_arrives_under_its_id_as_often_as_it_is_posted()
    {
        Takes();
        Assert.IsType<WebhookAnswer.Taken>(await PostAsync("m1"));
        Assert.IsType<WebhookAnswer.Taken>(await PostAsync("m1"));
        Assert.Equal(["m1", "m1"], Arrived);
    }

    [Fact]
    public async Task A_refusal_says_why_without_the_address()
    {
        Refuses();
        var refused = Assert.IsType<WebhookAnswer.Refused>(await PostAsync("m1"));
        Assert.EndsWith(".", refused.Why);
        Assert.DoesNotContain("hidden", refused.Why);
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_a_fault_to_try_again_which_names_neither_address_nor_key()
    {
        await GoesAwayAsync();
        var fault = await Assert.ThrowsAnyAsync<IOException>(() => PostAsync("m1"));
        Assert.DoesNotContain("hidden", $"{fault}");
        Assert.DoesNotContain("127.0.0.1", $"{fault}");
        Assert.DoesNotContain("not-a-real-key", $"{fault}");
    }

    [Fact]
    public void An_address_that_is_no_https_is_refused_in_a_sentence_that_does_not_hold_it()
    {
        var fault = Webhook.FaultOf("http://hooks.example.com/hidden-path");
        Assert.Contains("https://", fault);
        Assert.DoesNotContain("hidden", fault);
        Assert.Null(Webhook.FaultOf("https://hooks.example.com/hidden-path"));
    }

    private Task<WebhookAnswer> PostAsync(string id) => Webhook.PostAsync(new(Address, "not-a-real-key"), new(id, "alert.open", "{}"u8.ToArray()), Cancellation);
}
