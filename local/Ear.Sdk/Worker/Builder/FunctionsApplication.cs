using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where an app's Program.cs begins.</summary>
public class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        new(Host.CreateApplicationBuilder(args), _ => throw new InvalidOperationException(
            "This build of the app has no Functions host of its own. Start it with the ear command (local/Ear.Local), "
            + "or build it with UseCloudPackages=true and run it on Azure Functions."));
}
