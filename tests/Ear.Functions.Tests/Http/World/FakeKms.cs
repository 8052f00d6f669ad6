using System.Security.Cryptography;
using Ear.CustomerKeys;

namespace Ear.Functions.Tests.Http.World;

/// <summary>Customer keys and IAM roles in memory: what the AWS provider would find there.</summary>
internal sealed class FakeKms(KeyProvider provider = KeyProvider.Aws) : ICustomerKey, IAwsRoles
{
    public const string Key = "11111111-2222-3333-4444-555555555555";
    public const string RoleArn = "arn:aws:iam::123456789012:role/ear-kms";
    private readonly Dictionary<string, KeyVerdict> keys = new(StringComparer.Ordinal) { [Key] = new KeyVerdict.Valid() };

    public KeyProvider Provider => provider;

    /// <summary>What STS says of every role.</summary>
    public KeyVerdict Roles { get; set; } = new KeyVerdict.Valid();

    public int Calls { get; private set; }

    /// <summary>What is learnt of every key.</summary>
    public KeyFacts Facts { get; set; } = KeyFacts.None;

    /// <summary>With which keys it was asked.</summary>
    public List<CustomerKey> Asked { get; } = [];

    public void Answers(string key, KeyVerdict verdict) => keys[key] = verdict;

    public void Answers(string key, InvalidReason reason) => Answers(key, new KeyVerdict.Invalid(reason, "said by the fake"));

    public Task<KeyVerdict> TryAssumeAsync(string roleArn, string externalId, CancellationToken cancellation) => Task.FromResult(Roles);

    public Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
        => Task.FromResult(new KeyCheck(
            canary.ContextDigest == context.Digest() && canary.KeyIdentifier == key.KeyIdentifier ? Say(key) : new KeyVerdict.Invalid(InvalidReason.KeyNotFound, "another key"), Facts));

    public Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
        => Task.FromResult(Say(key) is KeyVerdict.Valid
            ? KeyAnswer<WrappedKey>.Of(new WrappedKey(provider, key.KeyIdentifier, "", context.Digest(), SHA256.HashData(plaintext.Span)))
            : KeyAnswer<WrappedKey>.No(Say(key)));

    public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
        => throw new NotSupportedException("No door unwraps.");

    private KeyVerdict Say(CustomerKey key)
    {
        Calls++;
        Asked.Add(key);
        return Roles is KeyVerdict.Invalid ? new KeyVerdict.Invalid(InvalidReason.CredentialsInvalid, "not assumable")
            : keys.GetValueOrDefault(key.KeyIdentifier, new KeyVerdict.Invalid(InvalidReason.KeyNotFound, "no such key"));
    }
}
