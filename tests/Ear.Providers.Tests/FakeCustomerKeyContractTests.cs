using Ear.CustomerKeys;
using Ear.Tests.Fakes;

namespace Ear.Providers.Tests;

/// <summary>The fake that the domain's tests trust keeps the promises of the real ones.</summary>
public sealed class FakeCustomerKeyContractTests : CustomerKeyContract
{
    private protected override Task<CustomerKeyWorld> StartAsync() => Task.FromResult<CustomerKeyWorld>(new World());

    private sealed class World : CustomerKeyWorld
    {
        private readonly FakeCustomerKey fake;

        public World()
        {
            fake = new FakeCustomerKey(KeyProvider.Aws, Time);
            fake.Create(Key.KeyIdentifier);
        }

        public override ICustomerKey Provider => fake;

        public override CustomerKey Key { get; } = new CustomerKey.Aws("key", "us-east-1", new AwsAccess.Role("role", "external"));

        public override CustomerKey MissingKey { get; } = new CustomerKey.Aws("missing", "us-east-1", new AwsAccess.Role("role", "external"));

        public override IReadOnlyDictionary<string, string> States { get; } = Enum.GetNames<InvalidReason>().ToDictionary(r => r);

        public override IReadOnlyList<string> Faults => [.. Enum.GetNames<UnknownReason>(), NeverAnswers];

        public override string NeverAnswers => "never answers";

        public override IReadOnlyList<string> Secrets => [];

        public override IReadOnlyList<string> Logged => [];

        public override Task EnterAsync(string state)
        {
            fake.Say(Key.KeyIdentifier, new KeyVerdict.Invalid(Enum.Parse<InvalidReason>(state), "said so"));
            return Task.CompletedTask;
        }

        public override Task BreakAsync(string fault)
        {
            if (fault == NeverAnswers)
                fake.NeverAnswers = true;
            else
                fake.Say(Key.KeyIdentifier, new KeyVerdict.Unknown(Enum.Parse<UnknownReason>(fault), "said so"));
            return Task.CompletedTask;
        }

        public override Task RecoverAsync()
        {
            fake.NeverAnswers = false;
            fake.Say(Key.KeyIdentifier, new KeyVerdict.Valid());
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
