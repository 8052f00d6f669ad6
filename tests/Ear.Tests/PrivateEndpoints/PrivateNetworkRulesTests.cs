using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.PrivateEndpoints;

public sealed class PrivateNetworkRulesTests
{
    private static readonly Project Project = EndpointWorld.Project with
    {
        EncryptionAtRest = EndpointWorld.Project.EncryptionAtRest with { Aws = Aws("11111111-2222-3333-4444-555555555555") },
    };

    private static readonly PrivateEndpoint East = Endpoint("US_EAST_2", PrivateEndpointStatus.Active);

    [Fact]
    public void Where_endpoints_are_in_use_a_region_needs_an_active_one()
    {
        Assert.Null(Refused([East], null, Spec(KeyProvider.Azure, ("AZURE", "US_EAST_2"))));
        Assert.Equal(["US_WEST"], NoWay(Refused([East], null, Spec(KeyProvider.Azure, ("AZURE", "US_EAST_2"), ("AZURE", "US_WEST")))));
        foreach (var status in Enum.GetValues<PrivateEndpointStatus>().Where(s => s is not PrivateEndpointStatus.Active))
            Assert.Equal(["US_EAST_2"], NoWay(Refused([East with { Status = status }], null, Spec(KeyProvider.Azure, ("AZURE", "US_EAST_2")))));
    }

    [Fact]
    public void Before_the_first_endpoint_and_without_private_networking_any_region_will_do()
    {
        Assert.Null(Refused([], null, Spec(KeyProvider.Azure, ("AZURE", "US_WEST"))));
        Assert.Null(Refused([East], null, Spec(null, ("GCP", "CENTRAL_US"))));
        Assert.Null(PrivateNetworkRules.Refused(With(EndpointWorld.Settings with { RequirePrivateNetworking = false }), [], null, Spec(KeyProvider.Azure, ("AWS", "US_EAST_1"))));
    }

    [Fact]
    public void Another_cloud_is_out_of_reach()
    {
        Assert.IsType<Problem.OutOfPrivateReach>(Refused([], null, Spec(KeyProvider.Azure, ("AWS", "US_EAST_1"))));
        Assert.IsType<Problem.OutOfPrivateReach>(Refused([East], null, Spec(KeyProvider.Azure, ("AZURE", "US_EAST_2"), ("AWS", "US_EAST_1"))));
    }

    [Fact]
    public void Several_regions_need_a_key_in_several_regions_at_AWS()
    {
        var spec = Spec(KeyProvider.Aws, ("AWS", "US_EAST_1"), ("AWS", "US_WEST_1"));
        var multi = Project with { EncryptionAtRest = Project.EncryptionAtRest with { Aws = Aws("arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab") } };

        Assert.IsType<Problem.OutOfPrivateReach>(Refused([], null, spec));
        Assert.Null(PrivateNetworkRules.Refused(multi, [], null, spec));
    }

    [Fact]
    public void What_a_cluster_is_already_is_not_looked_at_again()
    {
        var here = Spec(KeyProvider.Azure, ("AZURE", "US_WEST"));

        Assert.Null(Refused([East], here, here with { InstanceSize = "M20" }));
        Assert.IsType<Problem.NoActivePrivateEndpoint>(Refused([East], here, Spec(KeyProvider.Azure, ("AZURE", "UK_WEST"))));
        Assert.IsType<Problem.NoActivePrivateEndpoint>(Refused([East], here with { EncryptionAtRestProvider = null }, here));
    }

    [Theory]
    [InlineData(PrivateEndpointStatus.Initiating)]
    [InlineData(PrivateEndpointStatus.PendingAcceptance)]
    [InlineData(PrivateEndpointStatus.Active)]
    [InlineData(PrivateEndpointStatus.Failed)]
    [InlineData(PrivateEndpointStatus.PendingRecreation)]
    [InlineData(PrivateEndpointStatus.Deleting)]
    public void While_an_endpoint_exists_in_whatever_state_neither_the_provider_nor_private_networking_goes_off(PrivateEndpointStatus status)
    {
        var endpoint = East with { Status = status };

        Assert.IsType<Problem.PrivateEndpointsLeft>(Refused(new KeyChange.Disable(KeyProvider.Azure), endpoint));
        Assert.IsType<Problem.PrivateEndpointsLeft>(Refused(Configure(EndpointWorld.Settings with { RequirePrivateNetworking = false }), endpoint));
        Assert.Null(Refused(new KeyChange.Disable(KeyProvider.Aws), endpoint));
    }

    [Fact]
    public void The_vault_is_fixed_and_its_keys_are_not()
    {
        Assert.Null(Refused(Configure(EndpointWorld.Settings with { KeyIdentifier = "https://ORDERS.vault.azure.net/keys/cmk/ffffffffffffffffffffffffffffffff", ResourceGroupName = "SHOP" }), East));
        Assert.Equal(["azureKeyVault.keyVaultName", "azureKeyVault.keyIdentifier"], Fixed(EndpointWorld.Settings with { KeyVaultName = "other", KeyIdentifier = "https://other.vault.azure.net/keys/cmk/ffffffffffffffffffffffffffffffff" }));
        Assert.Equal(["azureKeyVault.resourceGroupName"], Fixed(EndpointWorld.Settings with { ResourceGroupName = "other" }));
        Assert.Equal(["azureKeyVault.subscriptionID"], Fixed(EndpointWorld.Settings with { SubscriptionId = "00000000-0000-0000-0000-000000000002" }));
        Assert.Null(Refused(Configure(EndpointWorld.Settings with { ResourceGroupName = "other" })));
    }

    [Fact]
    public void Private_networking_is_not_switched_on_over_the_head_of_a_cluster_elsewhere()
    {
        var cluster = new Cluster(ClusterId.FromValid(new string('3', 24)), Project.Id, ClusterName.Parse("orders", null), default, Spec(KeyProvider.Azure, ("GCP", "CENTRAL_US")));
        var off = With(EndpointWorld.Settings with { RequirePrivateNetworking = false });
        var on = new KeyChanges([Configure(EndpointWorld.Settings)], null);

        Assert.Equal(["orders"], Assert.IsType<Problem.OutOfPrivateReach>(PrivateNetworkRules.Refused(off, on, [], [cluster])).What);
        Assert.Null(PrivateNetworkRules.Refused(off, on, [], [cluster with { Spec = Spec(KeyProvider.Aws, ("GCP", "CENTRAL_US")) }]));
    }

    private static IReadOnlyList<string> Fixed(AzureKeyVaultSettings wanted) => Assert.IsType<Problem.FixedByPrivateEndpoints>(Refused(Configure(wanted), East)).Fields;

    private static IReadOnlyList<string> NoWay(Problem? problem) => Assert.IsType<Problem.NoActivePrivateEndpoint>(problem).Regions;

    [Fact]
    public void A_key_says_whether_its_vault_is_to_be_reached_in_private()
    {
        var target = PrivateEndpointTarget.Of(EndpointWorld.Settings, EndpointWorld.Region);

        Assert.Equal(target, Assert.IsType<CustomerKey.Azure>(EndpointWorld.Settings.KeyIn(Project).Value).PrivateTarget);
        Assert.Null(Assert.IsType<CustomerKey.Azure>((EndpointWorld.Settings with { RequirePrivateNetworking = false }).KeyIn(Project).Value).PrivateTarget);
    }

    private static Problem? Refused(IReadOnlyList<PrivateEndpoint> endpoints, ClusterSpec? before, ClusterSpec after) => PrivateNetworkRules.Refused(Project, endpoints, before, after);

    private static Problem? Refused(KeyChange change, params PrivateEndpoint[] endpoints) => PrivateNetworkRules.Refused(Project, new KeyChanges([change], null), endpoints, []);

    private static KeyChange Configure(KeySettings settings) => new KeyChange.Configure(settings, settings.KeyIn(Project).Value, false);

    private static Project With(AzureKeyVaultSettings azure) => Project with { EncryptionAtRest = Project.EncryptionAtRest with { Azure = azure } };

    private static AwsKmsSettings Aws(string key) => new(null, key, "US_EAST_1", RequirePrivateNetworking: true) { AccessKeyId = "AKIA", SecretName = "s" };

    private static PrivateEndpoint Endpoint(string region, PrivateEndpointStatus status)
        => new(EndpointWorld.Id(1), Project.Id, KeyProvider.Azure, region, "vault", default, default) { Status = status };

    private static ClusterSpec Spec(KeyProvider? provider, params (string Cloud, string Region)[] places) => new(provider, "M10", 3)
    {
        Described = new JsonObject
        {
            ["replicationSpecs"] = new JsonArray(new JsonObject
            {
                ["regionConfigs"] = new JsonArray([.. places.Select(p => new JsonObject { ["providerName"] = p.Cloud, ["regionName"] = p.Region })]),
            }),
        },
    };
}
