namespace Ear.Local.Tests.Kms.Clients;

/// <summary>The vendors' own JavaScript clients, unmodified, each with a whole story: create, wrap, disable and see the real service's refusal, enable, unwrap, rotate, and more.</summary>
public sealed class NpmClientsTests
{
    [Theory]
    [InlineData("aws.mjs")]
    [InlineData("azure.mjs")]
    [InlineData("google.mjs")]
    public Task The_vendors_client_finds_the_service_that_it_knows(string script) => new VendorScript("node", script).HoldsAsync(Missing());

    private static string? Missing()
    {
        if (!Directory.Exists(Path.Combine(VendorScript.Folder, "node_modules")))
            return "The vendors' clients are not installed (npm ci --prefix tests/clients).";
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "node"))) ? null : "node is not installed (Debian: apt-get install nodejs npm).";
    }
}
