using System.Diagnostics;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>Runs the shell scripts of the repository, where there is a shell.</summary>
internal static class Script
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static Task<Said> RunAsync(string script, IReadOnlyDictionary<string, string> variables) => StartAsync("sh", [Repository.At(script)], variables);

    public static Task<Said> PythonAsync(string script, string argument, IReadOnlyDictionary<string, string> variables) => StartAsync("python3", [script, argument], variables);

    /// <summary>Only reads it.</summary>
    public static Task<Said> ParseAsync(string script) => StartAsync("sh", ["-n", script], new Dictionary<string, string>());

    private static async Task<Said> StartAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> variables)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Needs sh.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
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
