using Ear.CustomerKeys;
using Ear.Limits;
using Ear.Providers.AwsKms;
using Ear.Providers.Kms;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Kms;

/// <summary>What is remembered, for how long, and how much of it.</summary>
public sealed class FactsMemoryTests
{
    private readonly FakeTimeProvider time = new();
    private readonly FactsMemory memory;

    public FactsMemoryTests() => memory = new FactsMemory(new AwsKmsOptions { RememberedKeys = 2, FactsEvery = TimeSpan.FromHours(1) }, time);

    [Fact]
    public void A_key_is_due_at_first_and_then_once_an_hour_and_tells_its_facts_meanwhile()
    {
        Assert.True(memory.IsDue(Key("a"), "a"));
        memory.Keep(Key("a"), "a", new KeyFacts("Enabled"));

        Assert.False(memory.IsDue(Key("a"), "a"));
        Assert.Equal("Enabled", memory.Of(Key("a"), "a").State);
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(memory.IsDue(Key("a"), "a"));
    }

    [Fact]
    public void While_it_is_full_further_keys_are_not_due_until_others_are_no_longer_checked()
    {
        memory.Keep(Key("a"), "a", KeyFacts.None);
        memory.Keep(Key("b"), "b", KeyFacts.None);
        Assert.False(memory.IsDue(Key("c"), "c"));

        for (var hour = 0; hour < 4; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            memory.Of(Key("b"), "b");
            if (memory.IsDue(Key("c"), "c"))
                return;
        }
        Assert.Fail("The place of a key that nobody checks was never given up.");
    }

    [Fact]
    public void Of_many_checks_at_once_one_asks_and_another_a_minute_later_if_that_one_learnt_nothing()
    {
        Assert.Equal(1, Enumerable.Range(0, 40).AsParallel().Count(_ => memory.IsDue(Key("a"), "a")));

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(memory.IsDue(Key("a"), "a"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(memory.IsDue(Key("a"), "a"));
    }

    [Fact]
    public void No_more_is_kept_than_may_be()
    {
        var map = new BoundedMap<int, string>(100, time);
        for (var i = 0; i < 10_000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            map.GetOrAdd(i, _ => "x");
            Assert.True(map.TryGet(0, out _));
        }

        Assert.InRange(map.Count, 90, 100);
        Assert.True(map.TryGet(9_999, out _));
        Assert.False(map.TryGet(5_000, out _));
    }

    private static CustomerKey Key(string id) => new CustomerKey.Aws(id, "us-east-1", new AwsAccess.Role("arn:aws:iam::111122223333:role/r", "x"));
}
