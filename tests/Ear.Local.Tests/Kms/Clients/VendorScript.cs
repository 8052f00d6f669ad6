using System.Diagnostics;
using System.Text.Json;

namespace Ear.Local.Tests.Kms.Clients;

/// <summary>A script of tests/clients that drives the local services with a vendor's own client.</summary>
internal sealed class VendorScript(string program, string script)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>tests/clients, above this test program.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Runs the script against services of its own; it must say that everything held.</summary>
    /// <param name="missing">Why it cannot run here; null when it can.</param>
    public async Task HoldsAsync(string? missing)
    {
        if (missing is not null && Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
            Assert.Fail(missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var world = await KmsWorld.StartAsync();

        var (code, said) = await RunAsync(world);

        Assert.True(code == 0 && said.Contains($"{script}: held", StringComparison.Ordinal), said);
    }

    private async Task<(int Code, string Said)> RunAsync(KmsWorld world)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        var start = new ProcessStartInfo(program, [script])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_EXTRA_CA_CERTS"] = world.Kms.Address.Azure.CaFile;
        start.Environment["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = world.Kms.Address.Azure.CaFile;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var running = Process.Start(start)!;
        var output = running.StandardOutput.ReadToEndAsync(limit.Token);
        var error = running.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await running.StandardInput.WriteAsync(JsonSerializer.Serialize(world.Kms.Address, JsonSerializerOptions.Web));
            running.StandardInput.Close();
            await running.WaitForExitAsync(limit.Token);
            return (running.ExitCode, await output + await error);
        }
        finally
        {
            if (!running.HasExited)
                running.Kill(entireProcessTree: true);
        }
    }

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "tests", "clients", "package.json")))
                return Path.Combine(at.FullName, "tests", "clients");
        }
        throw new InvalidOperationException("tests/clients is not above this test program.");
    }
}
