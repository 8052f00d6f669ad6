namespace Ear.Providers.Tests.AwsKms;

public sealed class AwsCustomerKeyContractTests : CustomerKeyContract
{
    private protected override async Task<CustomerKeyWorld> StartAsync() => await AwsWorld.StartAsync();
}
