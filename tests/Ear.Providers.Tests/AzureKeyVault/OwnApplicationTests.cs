using Ear.CustomerKeys;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>Keys that are reached by Ear's own application, for which the customer made a service principal.</summary>
public sealed class OwnApplicationTests
{
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    [Fact]
    public async Task Ears_application_opens_a_key_without_a_secret_of_the_customers()
    {
        await using var world = await AzureWorld.StartAsync();

        Assert.Equal(new KeyVerdict.Valid(), await WrapAsync(world, world.Azure.EarAppId));
    }

    [Fact]
    public async Task An_application_that_the_customer_removed_is_the_customers_no()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Azure.Applications.Change(world.Azure.EarAppId, a => a with { HasServicePrincipal = false });

        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(await WrapAsync(world, world.Azure.EarAppId)).Reason);
    }

    [Fact]
    public async Task A_wrong_secret_of_ears_own_is_never_the_customers_fault()
    {
        await using var world = await AzureWorld.StartAsync(o => o.AppSecret = "not the secret");

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(await WrapAsync(world, world.Azure.EarAppId)).Reason);
    }

    [Fact]
    public async Task A_key_for_an_application_that_ear_is_not_is_ears_fault()
    {
        await using var world = await AzureWorld.StartAsync();
        await using var none = await AzureWorld.StartAsync(o => (o.AppId, o.AppSecret) = (null, null));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(await WrapAsync(world, "99999999-8888-7777-6666-555555555555")).Reason);
        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(await WrapAsync(none, none.Azure.EarAppId)).Reason);
        Assert.Equal(0, world.Asked("Token") + none.Asked("Token"));
    }

    private static async Task<KeyVerdict> WrapAsync(AzureWorld world, string appId) => (await world.InTimeAsync(world.Provider.WrapAsync(
        world.AzureKey with { Access = new AzureAccess.ServicePrincipal(appId) }, new byte[32], Context, TestContext.Current.CancellationToken))).Verdict;
}
