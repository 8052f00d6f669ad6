using Ear.Functions.Secrets;
using Ear.Secrets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Secrets;

public sealed class ResealSecretsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_keys_go_first_and_then_every_page()
    {
        var seals = new Recorded(pages: 5, new FakeTimeProvider(), TimeSpan.FromSeconds(1));

        await new ResealSecrets(seals, seals.Time, NullLogger<ResealSecrets>.Instance).Run(null!, Cancellation);

        Assert.Equal(["rewrap", "", "1", "2", "3", "4"], seals.Told);
    }

    [Fact]
    public async Task A_run_ends_long_before_the_host_ends_it()
    {
        var seals = new Recorded(pages: int.MaxValue, new FakeTimeProvider(), TimeSpan.FromMinutes(1));

        await new ResealSecrets(seals, seals.Time, NullLogger<ResealSecrets>.Instance).Run(null!, Cancellation);

        Assert.Equal(1 + (int)ResealSecrets.Longest.TotalMinutes, seals.Told.Count);
    }

    [Fact]
    public async Task A_run_that_finds_nothing_to_do_says_so()
    {
        var seals = new Recorded(pages: 1, new FakeTimeProvider(), TimeSpan.Zero, resealed: 0);
        var log = new Said();

        await new ResealSecrets(seals, seals.Time, log).Run(null!, Cancellation);

        Assert.Equal("0 secrets went under the newest data key, 0 lie under an older one; 0 data keys went under the newest version of Ear's own key, 0 could not", Assert.Single(log.Lines));
    }

    private sealed class Said : ILogger<ResealSecrets>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }

    private sealed class Recorded(int pages, FakeTimeProvider time, TimeSpan perPage, int resealed = 1) : ISecretSeals
    {
        public FakeTimeProvider Time => time;

        public List<string> Told { get; } = [];

        public Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation)
        {
            Told.Add("rewrap");
            return Task.FromResult(new RewrappedKeys(0, 0));
        }

        public Task<SealedPage> ResealAsync(string? after, int max, CancellationToken cancellation)
        {
            Told.Add(after ?? "");
            time.Advance(perPage);
            var next = int.Parse(after ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1;
            return Task.FromResult(new SealedPage(resealed, 0, next < pages ? $"{next}" : null));
        }
    }
}
