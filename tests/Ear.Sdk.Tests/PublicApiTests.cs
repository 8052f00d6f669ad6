using Azure.Messaging.ServiceBus;
using Ear.Sdk.Tests.PublicApi;

namespace Ear.Sdk.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void Every_public_member_is_in_the_official_packages_with_exactly_its_signature()
    {
        if (Surface.Find() is not { } surface)
        {
            Assert.Skip("../shared/spec/package-surface.txt, the public API of the official packages, is not beside this repository.");
            return;
        }

        // What Grpc.Tools generates is compared as a .proto: GoogleKmsProtoTests.
        var members = PublicApiRenderer.Visible(typeof(ServiceBusClient).Assembly).Where(t => t.Namespace != "Google.Cloud.Kms.V1").SelectMany(PublicApiRenderer.Render).ToList();

        Assert.True(members.Count > 200, $"Only {members.Count} members were found: the wrong assembly, or a renderer that looks away.");
        var missing = surface.Missing(members);
        Assert.True(missing.Count == 0, $"The official packages have no such member:\n{string.Join('\n', missing)}");
    }
}
