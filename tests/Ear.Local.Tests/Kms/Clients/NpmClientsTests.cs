using System.Diagnostics;
using System.Text.Json;

namespace Ear.Local.Tests.Kms.Clients;

/// <summary>The vendors' own JavaScript clients, unmodified, each with a whole story: create, wrap, disable and see the real service's refusal, enable, unwrap, rotate, and more.</summary>
public sealed class NpmClientsTests
{
    private static readonly string? Scripts = Find();

    [Theory]
    [InlineData("aws")]
    [InlineData("azure")]
    [InlineData("google")]
    public async Task The_vendors_client_finds_the_service_that_it_knows(string vendor)
    {
        if (Missing() is { } missing)
        {
            if (Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
                Assert.Fail(missing);
            Assert.Skip(missing);
        }
        await using var world = await KmsWorld.StartAsync();

        var (code, said) = await RunAsync(vendor, world);

        Assert.True(code == 0 && said.Contains($"{vendor}: held", StringComparison.Ordinal), said);
    }

    private static async Task<(int Code, string Said)> RunAsync(string vendor, KmsWorld world)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var start = new ProcessStartInfo("node", [$"{vendor}.mjs"])
        {
            WorkingDirectory = Scripts,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_EXTRA_CA_CERTS"] = world.Kms.Address.Azure.CaFile;
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(world.Kms.Address, JsonSerializerOptions.Web));
        node.StandardInput.Close();
        var output = node.StandardOutput.ReadToEndAsync(limit.Token);
        var error = node.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await node.WaitForExitAsync(limit.Token);
            return (node.ExitCode, await output + await error);
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
        }
    }

    private static string? Missing()
    {
        if (Scripts is null)
            return "tests/clients is not above this test program.";
        if (!Directory.Exists(Path.Combine(Scripts, "node_modules")))
            return "The vendors' clients are not installed (npm ci --prefix tests/clients).";
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "node"))) ? null : "node is not installed (Debian: apt-get install nodejs npm).";
    }

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "tests", "clients", "package.json")))
                return Path.Combine(at.FullName, "tests", "clients");
        }
        return null;
    }
}
