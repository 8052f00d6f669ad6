namespace Ear.Mongod.Tests;

/// <summary>What can happen to a set, one thing after the other. Each kind leaves all processes alive, not necessarily healthy.</summary>
internal sealed class Trouble(ThreeMembers set, Random random, Func<int> acknowledged)
{
    private const int Kinds = 7;

    /// <summary>Every kind comes once, in the seed's order, then they come at random.</summary>
    private readonly int[] _order = Shuffled(random);

    /// <returns>What was done, for the report of a failure.</returns>
    public Task<string> NextAsync(int round) => (round < Kinds ? _order[round] : random.Next(Kinds)) switch
    {
        0 => StepDownAsync(),
        1 => KillAsync(),
        2 => WipeAsync(),
        3 => KillThePrimaryForAWhileAsync(),
        4 => KillThePrimaryWhileOneLagsAsync(wipeTheOther: false),
        5 => KillThePrimaryWhileOneLagsAsync(wipeTheOther: true),
        _ => KillThePrimaryThatNobodyHeardAsync(),
    };

    private async Task<string> StepDownAsync()
    {
        var primary = await set.PrimaryAsync();
        var refused = Record.Exception(() => primary.Run("{replSetStepDown: 3, secondaryCatchUpPeriodSecs: 2}"));
        return $"step-down of {primary.Host} ({refused?.GetType().Name ?? "done"})";
    }

    private async Task<string> KillAsync()
    {
        var victim = set.Members[random.Next(3)];
        await victim.KillAsync();
        await victim.StartAsync();
        return $"kill of {victim.Host}";
    }

    private async Task<string> WipeAsync()
    {
        await set.HealthyAsync();
        var victim = set.Members[random.Next(3)];
        await WipeAsync(victim);
        return $"wipe of {victim.Host}";
    }

    private async Task<string> KillThePrimaryForAWhileAsync()
    {
        // Healthy first: if one of the others were still copying, the set would rightly wait for this primary.
        await set.HealthyAsync();
        var primary = await set.PrimaryAsync();
        await primary.KillAsync();
        await AcknowledgedAsync(10);
        await primary.StartAsync();
        return $"kill of primary {primary.Host} until the others took writes";
    }

    /// <summary>The lagging member must not become primary, though it would be the first to stand; not even with the vote of one that has forgotten.</summary>
    private async Task<string> KillThePrimaryWhileOneLagsAsync(bool wipeTheOther)
    {
        await set.HealthyAsync();
        var primary = await set.PrimaryAsync();
        var followers = set.Members.Where(m => m != primary).ToArray();
        followers[0].Pause();
        await AcknowledgedAsync(30);
        if (wipeTheOther) await WipeAsync(followers[1]);
        await primary.KillAsync();
        followers[0].Resume();
        // Long enough for an election between the two, if they would hold one.
        await Task.Delay(TimeSpan.FromSeconds(2));
        await primary.StartAsync();
        return $"{(wipeTheOther ? $"wipe of {followers[1].Host} and " : "")}kill of primary {primary.Host} while {followers[0].Host} lags";
    }

    /// <summary>What only this primary had is lost with its role, so it must not have acknowledged any of it.</summary>
    private async Task<string> KillThePrimaryThatNobodyHeardAsync()
    {
        await set.HealthyAsync();
        var primary = await set.PrimaryAsync();
        var followers = set.Members.Where(m => m != primary).ToArray();
        foreach (var follower in followers) follower.Pause();
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        await primary.KillAsync();
        foreach (var follower in followers) follower.Resume();
        await AcknowledgedAsync(10);
        await primary.StartAsync();
        return $"kill of primary {primary.Host} while both others sleep";
    }

    private static async Task WipeAsync(MongodProcess victim)
    {
        await victim.KillAsync();
        victim.Wipe();
        await victim.StartAsync();
    }

    private Task AcknowledgedAsync(int more)
    {
        var goal = acknowledged() + more;
        return Until.TrueAsync(() => acknowledged() >= goal, TimeSpan.FromSeconds(30), () => string.Join("\n", set.Members.Select(m => m.Log())));
    }

    private static int[] Shuffled(Random random)
    {
        var order = Enumerable.Range(0, Kinds).ToArray();
        random.Shuffle(order);
        return order;
    }
}
