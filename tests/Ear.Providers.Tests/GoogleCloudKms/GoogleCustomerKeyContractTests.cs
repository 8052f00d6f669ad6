namespace Ear.Providers.Tests.GoogleCloudKms;

public sealed class GoogleCustomerKeyContractTests : CustomerKeyContract
{
    private protected override async Task<CustomerKeyWorld> StartAsync() => await GoogleWorld.StartAsync();
}
