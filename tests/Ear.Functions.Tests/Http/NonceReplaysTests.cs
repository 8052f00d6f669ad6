using Ear.Functions.Http;
using Ear.Functions.Http.Access;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Http;

public sealed class NonceReplaysTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Counts_out_of_order_are_taken_once_each_and_too_old_ones_not_at_all()
    {
        var replays = new NonceReplays(Options.Create(new DoorOptions()));

        foreach (var count in new uint[] { 5, 1, 70, 68, 64 })
            Assert.Equal(NonceUse.First, replays.Use("n", Start, count));
        foreach (var count in new uint[] { 5, 1, 70, 68, 64, 2, 0 })
            Assert.Equal(NonceUse.Replayed, replays.Use("n", Start, count));
    }

    [Fact]
    public void A_forgotten_nonce_becomes_stale_and_never_fresh_again()
    {
        var replays = new NonceReplays(Options.Create(new DoorOptions { RememberedNonces = 100 }));
        replays.Use("first", Start, 1);

        for (var i = 1; i <= 150; i++)
            Assert.Equal(NonceUse.First, replays.Use($"n{i}", Start.AddSeconds(i), 1));

        Assert.Equal(NonceUse.Stale, replays.Use("first", Start, 1));
        Assert.Equal(NonceUse.Replayed, replays.Use("n150", Start.AddSeconds(150), 1));
        Assert.Equal(NonceUse.First, replays.Use("later", Start.AddSeconds(151), 1));
    }
}
