namespace Ear.Providers.Tests.AzureKeyVault;

public sealed class AzureCustomerKeyContractTests : CustomerKeyContract
{
    private protected override async Task<CustomerKeyWorld> StartAsync() => await AzureWorld.StartAsync();
}
