using Ear.Alerts;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Ear.Tests.Fakes;

namespace Ear.Tests.Alerts;

/// <summary>In which order the rounds look at the alerts of all projects.</summary>
public sealed class AlertsInTurnTests : IIds
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly InMemoryStore _store = new();
    private readonly AlertsInTurn _alerts;
    private double _random;

    public AlertsInTurnTests() => _alerts = new(_store, this);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_round_goes_once_around_and_begins_behind_the_last_that_was_looked_at(int pageSize)
    {
        await OpenAsync("1234567");
        Assert.Equal("123", await RoundAsync(pageSize, endAfter: '3'));
        Assert.Equal("4567123", await RoundAsync(pageSize));
        Assert.Equal("456712", await RoundAsync(pageSize, endAfter: '2'));
        Assert.Equal("34567", await RoundAsync(pageSize, endAfter: '7'));
        Assert.Equal("1234567", await RoundAsync(pageSize));
    }

    [Fact]
    public async Task What_opens_or_ends_meanwhile_keeps_a_round_neither_from_going_on_nor_from_ending()
    {
        await OpenAsync("1357");
        Assert.Equal("13", await RoundAsync(1, endAfter: '3'));
        await EndAsync('3');
        await OpenAsync("26");
        Assert.Equal("56712", await RoundAsync(2));
    }

    [Fact]
    public async Task Without_an_alert_a_round_is_over_at_once() => Assert.Equal("", await RoundAsync(10));

    [Fact]
    public async Task A_process_begins_at_any_page()
    {
        await OpenAsync("1234567");
        _random = 0.3;
        // 0.3 · 3 < 1 ≤ 0.3 · 4: the third of four pages.
        Assert.Equal("5671234", await RoundAsync(2));
    }

    string IIds.NewHex() => throw new NotSupportedException();

    Guid IIds.NewGuid() => throw new NotSupportedException();

    byte[] IIds.Secret(int length) => throw new NotSupportedException();

    double IIds.NextDouble() => _random == 0 ? 0.99 : _random;

    private async Task<string> RoundAsync(int pageSize, char? endAfter = null)
    {
        var looked = "";
        await foreach (var page in _alerts.AroundAsync(pageSize, Cancellation))
        {
            foreach (var alert in page)
            {
                _alerts.LookedAt(alert);
                looked += alert.ProjectId.Value[0];
                if (looked[^1] == endAfter)
                    return looked;
            }
        }
        return looked;
    }

    private async Task OpenAsync(string projects)
    {
        foreach (var project in projects)
            Assert.True((await _store.SaveAsync(Of(project), 0, [], Cancellation)).Saved);
    }

    private async Task EndAsync(char project) => Assert.True((await _store.SaveAsync(Of(project) with { Status = AlertStatus.Closed }, 1, [], Cancellation)).Saved);

    private static Alert Of(char project)
        => new(AlertId.FromValid(new string(project, 24)), ProjectId.FromValid(new string(project, 24)), KeyNews.NetworkAccessDenied, "AWS", AlertStatus.Open, Noon, Noon);
}
