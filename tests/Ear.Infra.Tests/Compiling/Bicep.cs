using System.Diagnostics;
using System.Reflection;

namespace Ear.Infra.Tests.Compiling;

/// <summary>The pinned compiler (Directory.Packages.props, BicepVersion).</summary>
internal static class Bicep
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private static readonly string Program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value!;

    /// <summary>Skips the calling test where the compiler cannot run, or fails it where peers are required.</summary>
    public static void Needed()
    {
        var missing = OperatingSystem.IsLinux() && File.Exists(Program) ? null : $"The Bicep compiler is not at {Program}; dotnet restore brings it, on Linux (x64).";
        if (missing is not null && Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
            Assert.Fail(missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <summary>Succeeds, or fails the test with what the compiler said.</summary>
    public static async Task<Said> RunAsync(params string[] arguments)
    {
        var said = await TryAsync(arguments);
        Assert.True(said.Code == 0, $"bicep {string.Join(' ', arguments)}: {said.Error}{said.Output}");
        return said;
    }

    public static async Task<Said> TryAsync(params string[] arguments)
    {
        Needed();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using var running = Process.Start(start)!;
        try
        {
            var output = running.StandardOutput.ReadToEndAsync(limit.Token);
            var error = running.StandardError.ReadToEndAsync(limit.Token);
            await running.WaitForExitAsync(limit.Token);
            return new(running.ExitCode, await output, await error);
        }
        finally
        {
            if (!running.HasExited)
                running.Kill(entireProcessTree: true);
        }
    }
}

internal sealed record Said(int Code, string Output, string Error);
