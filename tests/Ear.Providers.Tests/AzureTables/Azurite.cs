using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>Microsoft's emulator of Azure Storage (npm azurite, tests/azurite): one process for this test program, on free ports, in memory, ended with it.</summary>
internal static partial class Azurite
{
    // The account and key that Azurite has by default, published in its documentation.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const int Services = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);
    private static readonly Lazy<string> Running = new(Start);

    /// <summary>Skips the test where Azurite is not installed; under EAR_REQUIRE_PEERS=1 that is a failure.</summary>
    public static string ConnectionString()
    {
        if (Missing() is { } missing)
        {
            if (Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
                Assert.Fail(missing);
            Assert.Skip(missing);
        }
        return Running.Value;
    }

    private static string Folder { get; } = Find();

    private static string? Missing()
        => Directory.Exists(Path.Combine(Folder, "node_modules", "azurite")) ? null : "Azurite is not installed: npm ci --prefix tests/azurite --ignore-scripts";

    private static string Start()
    {
        var start = new ProcessStartInfo("node", ["run.mjs"]) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var azurite = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => azurite.Kill();
        using var bound = new CancellationTokenSource(Bound);
        var ports = PortsAsync(azurite, bound.Token).GetAwaiter().GetResult();
        return $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{ports["Blob"]}/{Account};TableEndpoint=http://127.0.0.1:{ports["Table"]}/{Account};";
    }

    private static async Task<Dictionary<string, string>> PortsAsync(Process azurite, CancellationToken bound)
    {
        var ports = new Dictionary<string, string>(StringComparer.Ordinal);
        while (ports.Count < Services)
        {
            var line = await azurite.StandardOutput.ReadLineAsync(bound) ?? throw new InvalidOperationException($"Azurite ended: {await azurite.StandardError.ReadToEndAsync(bound)}");
            if (Listening().Match(line) is { Success: true } at)
                ports[at.Groups["service"].Value] = at.Groups["port"].Value;
        }
        // Nobody reads on: what it says later must not fill the pipe.
        _ = azurite.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        _ = azurite.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        return ports;
    }

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "tests", "azurite", "package.json")))
                return Path.Combine(at.FullName, "tests", "azurite");
        }
        throw new InvalidOperationException("tests/azurite is not above this test program.");
    }

    [GeneratedRegex(@"^Azurite (?<service>\w+) service is successfully listening at http://127\.0\.0\.1:(?<port>\d+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Listening();
}
