using Azure.Messaging.ServiceBus;
using Ear.Sdk.Tests.PublicApi;

namespace Ear.Sdk.Tests;

public sealed class PublicApiTests
{
    /// <summary>Compared elsewhere: what Grpc.Tools generates as a .proto (GoogleKmsProtoTests), and a package that nobody has recorded with itself (Ear.CloudBuild.Tests).</summary>
    private static readonly string[] NotRecorded = ["Google.Cloud.Kms.V1", "Microsoft.Azure.Functions.Worker.OpenTelemetry"];

    [Fact]
    public void Every_public_member_is_in_the_official_packages_with_exactly_its_signature()
    {
        if (Surface.Find() is not { } surface)
        {
            Assert.Skip("../shared/spec/package-surface.txt, the public API of the official packages, is not beside this repository.");
            return;
        }

        var members = PublicApiRenderer.Visible(typeof(ServiceBusClient).Assembly).Where(t => !NotRecorded.Contains(t.Namespace, StringComparer.Ordinal)).SelectMany(PublicApiRenderer.Render).ToList();

        Assert.True(members.Count > 200, $"Only {members.Count} members were found: the wrong assembly, or a renderer that looks away.");
        var missing = surface.Missing(members);
        Assert.True(missing.Count == 0, $"The official packages have no such member:\n{string.Join('\n', missing)}");
    }
}
