using Ear.Functions.Secrets;
using Ear.Secrets;
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

    private sealed class Recorded(int pages, FakeTimeProvider time, TimeSpan perPage) : ISecretSeals
    {
        public FakeTimeProvider Time => time;

        public List<string> Told { get; } = [];

        public Task<int> RewrapAsync(CancellationToken cancellation)
        {
            Told.Add("rewrap");
            return Task.FromResult(0);
        }

        public Task<SealedPage> ResealAsync(string? after, int max, CancellationToken cancellation)
        {
            Told.Add(after ?? "");
            time.Advance(perPage);
            var next = int.Parse(after ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1;
            return Task.FromResult(new SealedPage(1, 0, next < pages ? $"{next}" : null));
        }
    }
}
