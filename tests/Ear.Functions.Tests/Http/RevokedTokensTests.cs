using Ear.Functions.Http;
using Ear.Functions.Http.Access;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Http;

public sealed class RevokedTokensTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_instances_that_revoke_at_once_neither_loses_what_the_other_revoked()
    {
        using var other = Instance(_store);
        using var one = Instance(new Meanwhile(_store, () => other.TryAddAsync(Token("b"), Cancellation)));

        Assert.True(await one.TryAddAsync(Token("a"), Cancellation));

        using var third = Instance(_store);
        Assert.True(await third.ContainsAsync(Token("a"), Cancellation));
        Assert.True(await third.ContainsAsync(Token("b"), Cancellation));
    }

    private RevokedTokens Instance(ISecrets secrets) => new(secrets, _time, Options.Create(new DoorOptions()));

    private AccessToken Token(string id) => new(id, "client", _time.GetUtcNow(), _time.GetUtcNow().AddHours(1));

    /// <summary>Somebody acts once this one has looked, or is about to change something.</summary>
    private sealed class Meanwhile(ISecrets inner, Func<Task> then) : ISecrets
    {
        private bool done;

        public async Task<byte[]?> FindAsync(string name, CancellationToken cancellation)
        {
            var found = await inner.FindAsync(name, cancellation);
            await ThenAsync();
            return found;
        }

        public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation) => inner.GetOrCreateAsync(name, create, cancellation);

        public Task PutAsync(string name, byte[] value, CancellationToken cancellation) => inner.PutAsync(name, value, cancellation);

        public async Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation)
        {
            await ThenAsync();
            await inner.ChangeAsync(name, change, cancellation);
        }

        public Task DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

        private async Task ThenAsync()
        {
            if (done)
                return;
            done = true;
            await then();
        }
    }
}
