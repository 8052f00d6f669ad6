using Ear.Alerts;
using Ear.Functions.Alerts;
using Ear.Functions.Tests.Worker;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Functions.Tests.Alerts;

public sealed class ReplayDeadLettersTests : IDeadLetters
{
    private readonly List<(string Subscription, int Max)> _asked = [];

    [Fact]
    public async Task Every_subscription_that_a_function_listens_to_has_its_dead_letters_sent_again()
    {
        var replay = new ReplayDeadLetters(this, NullLogger<ReplayDeadLetters>.Instance);
        foreach (var function in AppFunction.All.Where(f => f.Method.DeclaringType == typeof(ReplayDeadLetters)))
            await (Task)function.Method.Invoke(replay, [new TimerInfo(), TestContext.Current.CancellationToken])!;

        var listenedTo = AppFunction.All.Select(f => f.Trigger<ServiceBusTriggerAttribute>()?.SubscriptionName).OfType<string>().ToList();
        Assert.NotEmpty(listenedTo);
        Assert.Equal(listenedTo.Order(StringComparer.Ordinal), _asked.Select(a => a.Subscription).Order(StringComparer.Ordinal));
        Assert.All(listenedTo, s => Assert.Contains(AppFunction.All, f => f.Name == ReplayDeadLetters.FunctionOf(s)));
        Assert.All(_asked, a => Assert.Equal(ReplayDeadLetters.MaxPerRun, a.Max));
    }

    [Fact]
    public void A_rule_names_in_the_filter_language_what_its_subscription_hears()
    {
        Assert.Equal("user.type IN ('A', 'B')", new Subscription("some", ["A", "B"]).SqlRule);
        Assert.Equal("1=1", EventsTopic.Audit.SqlRule);
        Assert.Equal(AlertTypes.All, EventsTopic.Mail.Types);
        Assert.Equal(AlertTypes.All.Append("ALERT_ACKNOWLEDGED_AUDIT"), EventsTopic.Webhook.Types);
    }

    Task<DeadLetterReplay> IDeadLetters.ReplayAsync(Subscription subscription, int max, CancellationToken cancellation)
    {
        _asked.Add((subscription.Name, max));
        return Task.FromResult(new DeadLetterReplay(1, 0, 0));
    }
}
