using Microsoft.Azure.Functions.Worker.Builder;

namespace Ear.Sdk.Tests;

public sealed class FunctionsApplicationTests
{
    [Fact]
    public void The_app_alone_says_how_to_start_it()
    {
        var builder = FunctionsApplication.CreateBuilder([]).ConfigureFunctionsWebApplication();

        var refusal = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.Contains("local/Ear.Local", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("UseCloudPackages=true", refusal.Message, StringComparison.Ordinal);
    }
}
