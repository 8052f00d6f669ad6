using Ear.CustomerKeys;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests;

/// <summary>What holds for every <see cref="ICustomerKey"/>: each provider's against its local KMS, and the domain's fake.</summary>
public abstract class CustomerKeyContract
{
    private static readonly byte[] Secret = "a master key of thirty-two bytes"u8.ToArray();
    private static readonly KeyContext Context = KeyContext.ForNodeMasterKey("0123456789abcdef01234567", "n0");

    private protected abstract Task<CustomerKeyWorld> StartAsync();

    [Fact]
    public async Task What_was_wrapped_is_unwrapped_and_tells_its_key_version_and_context()
    {
        await using var world = await StartAsync();

        var wrapped = await WrapAsync(world);
        var opened = await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped, Context, Stop));

        Assert.Equal(Secret, opened.Value);
        Assert.Equal(world.Key.Provider, wrapped.Provider);
        Assert.NotEqual("", wrapped.KeyVersion);
        Assert.Equal(Context.Digest(), wrapped.ContextDigest);
        Assert.DoesNotContain(Convert.ToHexString(Secret), Convert.ToHexString(wrapped.Ciphertext));
    }

    [Fact]
    public async Task Another_context_opens_nothing_and_is_never_the_customers_fault()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);
        var other = KeyContext.ForNodeMasterKey("0123456789abcdef01234567", "n1");

        var opened = await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped, other, Stop));
        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, other, Stop));

        Assert.Null(opened.Value);
        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(opened.Verdict).Reason);
        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
    }

    [Fact]
    public async Task A_damaged_wrapped_key_is_never_the_customers_fault()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);
        wrapped.Ciphertext[^1] ^= 1;

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
    }

    [Fact]
    public async Task A_key_that_works_is_valid()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);

        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop))).Verdict);
    }

    [Fact]
    public async Task Every_state_of_the_key_has_its_verdict_and_leaving_it_is_seen_at_once()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);

        foreach (var (state, expected) in world.States)
        {
            await world.EnterAsync(state);
            var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop));
            var opened = await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped, Context, Stop));
            Assert.Equal((state, expected), (state, Reason(check.Verdict)));
            Assert.Equal((state, expected), (state, Reason(opened.Verdict)));
            Assert.Null(opened.Value);

            await world.RecoverAsync();
            Assert.Equal((state, ""), (state, Reason((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop))).Verdict)));
        }
    }

    [Fact]
    public async Task A_key_that_does_not_exist_wraps_nothing()
    {
        await using var world = await StartAsync();

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.MissingKey, Secret, Context, Stop));

        Assert.Null(answer.Value);
        Assert.Equal(InvalidReason.KeyNotFound, Assert.IsType<KeyVerdict.Invalid>(answer.Verdict).Reason);
    }

    [Fact]
    public async Task No_fault_of_the_network_or_the_provider_is_ever_a_no()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);

        foreach (var fault in world.Faults)
        {
            await world.BreakAsync(fault);
            var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop));
            var opened = await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, wrapped, Context, Stop));
            var again = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
            Assert.All([check.Verdict, opened.Verdict, again.Verdict], v => Assert.True(v is KeyVerdict.Unknown, $"{fault}: {v}"));

            await world.RecoverAsync();
            var recovered = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop));
            Assert.True(recovered.Verdict is KeyVerdict.Valid, $"after {fault}: {recovered.Verdict}");
        }
    }

    [Fact]
    public async Task A_provider_that_never_answers_costs_no_more_than_the_budget()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);
        await world.BreakAsync(world.NeverAnswers);
        var before = world.Time.GetUtcNow();

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop));

        Assert.Equal(UnknownReason.NetworkUnreachable, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
        Assert.InRange(world.Time.GetUtcNow() - before, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_not_a_verdict()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);
        await world.BreakAsync(world.NeverAnswers);
        using var cancel = new CancellationTokenSource();

        Task[] running =
        [
            world.Provider.CheckAsync(world.Key, wrapped, Context, cancel.Token),
            world.Provider.WrapAsync(world.Key, Secret, Context, cancel.Token),
            world.Provider.UnwrapAsync(world.Key, wrapped, Context, cancel.Token),
        ];
        await cancel.CancelAsync();

        foreach (var task in running)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task Nothing_that_is_said_or_logged_holds_a_secret()
    {
        await using var world = await StartAsync();
        var wrapped = await WrapAsync(world);
        var said = new List<string>();

        foreach (var state in world.States.Keys)
        {
            await world.EnterAsync(state);
            await ListenAsync();
            await world.RecoverAsync();
        }
        foreach (var fault in world.Faults)
        {
            await world.BreakAsync(fault);
            await ListenAsync();
            await world.RecoverAsync();
        }

        string[] secrets = [.. world.Secrets, Convert.ToBase64String(Secret), Convert.ToHexStringLower(Secret), System.Text.Encoding.UTF8.GetString(Secret)];
        Assert.NotEmpty(said);
        foreach (var text in said.Concat(world.Logged))
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));

        async Task ListenAsync()
        {
            said.Add((await world.InTimeAsync(world.Provider.CheckAsync(world.Key, wrapped, Context, Stop))).ToString());
            said.Add((await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop))).Verdict.ToString());
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<WrappedKey> WrapAsync(CustomerKeyWorld world)
    {
        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        Assert.Equal(new KeyVerdict.Valid(), answer.Verdict);
        return answer.Value!;
    }

    private static string Reason(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Invalid invalid => invalid.Reason.ToString(),
        KeyVerdict.Unknown unknown => unknown.Reason.ToString(),
        _ => "",
    };
}

/// <summary>A provider under test, one working key of it, and the ways to spoil that key and the road to it.</summary>
internal abstract class CustomerKeyWorld : IAsyncDisposable
{
    public abstract ICustomerKey Provider { get; }

    public abstract CustomerKey Key { get; }

    /// <summary>As <see cref="Key"/>, and there is no such key.</summary>
    public abstract CustomerKey MissingKey { get; }

    /// <summary>The provider's clock. Only <see cref="InTimeAsync"/> moves it.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>States that the key can be brought into, and the reason that a check must give in each.</summary>
    public abstract IReadOnlyDictionary<string, string> States { get; }

    /// <summary>Ways to spoil the road, all of which must come out as unknown.</summary>
    public abstract IReadOnlyList<string> Faults { get; }

    public abstract string NeverAnswers { get; }

    /// <summary>Texts that must never be seen.</summary>
    public abstract IReadOnlyList<string> Secrets { get; }

    public abstract IReadOnlyList<string> Logged { get; }

    public abstract Task EnterAsync(string state);

    public abstract Task BreakAsync(string fault);

    /// <summary>The key works again and so does the road.</summary>
    public abstract Task RecoverAsync();

    /// <summary>Lets the provider's time pass until it has answered; real time only as long as real work takes.</summary>
    public async Task<T> InTimeAsync<T>(Task<T> task)
    {
        for (var round = 0; round < 600 && !task.IsCompleted; round++)
        {
            // Real work (a refused connection) is given its moment before a quarter of a second of the provider's time passes.
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(50)));
            if (!task.IsCompleted)
                Time.Advance(TimeSpan.FromMilliseconds(250));
        }
        return await task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public abstract ValueTask DisposeAsync();
}
