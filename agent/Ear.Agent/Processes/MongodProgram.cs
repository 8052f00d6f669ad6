using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ear.Agent.Processes;

/// <summary>Which mongod is used, and what it says of itself when asked <c>--version</c>.</summary>
/// <param name="Version">null when it does not say, as a stand-in may not.</param>
internal sealed partial record MongodProgram(string Path, Version? Version)
{
    /// <summary>
    /// Initial syncs read from the primary, so that a stale source cannot lose majority-committed writes, and copy documents, not
    /// files, which would carry the old encryption over (spec dataplane §1.5). Only where the server knows the parameter: an unknown one ends it.
    /// </summary>
    public IReadOnlyList<string> Parameters =>
    [
        .. Version >= new Version(4, 4) ? ["initialSyncSourceReadPreference=primary"] : Array.Empty<string>(),
        .. Version >= new Version(5, 2) ? ["initialSyncMethod=logical"] : Array.Empty<string>(),
    ];

    /// <summary>What to run: a .dll needs dotnet, and the agent itself is run by it then.</summary>
    public static IReadOnlyList<string> CommandFor(string path)
    {
        if (!path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            return [path];
        var self = Environment.ProcessPath;
        return [System.IO.Path.GetFileNameWithoutExtension(self) == "dotnet" ? self! : "dotnet", path];
    }

    public static async Task<MongodProgram> AskAsync(string path, CancellationToken cancellation)
    {
        var command = CommandFor(path);
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "--version"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var process = Process.Start(start) ?? throw new ProcessStartException($"{path} was not started.");
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
                await error;
                return new MongodProgram(path, Parse(await output));
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                process.Kill();
                return new MongodProgram(path, null);
            }
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new ProcessStartException($"mongod cannot be run: {path}: {exception.Message}. Set \"mongod\" in agent.json, or EAR_MONGOD.", exception);
        }
    }

    internal static Version? Parse(string output) =>
        VersionLine().Match(output) is { Success: true } match ? new Version(int.Parse(match.Groups[1].Value), int.Parse(match.Groups[2].Value)) : null;

    [GeneratedRegex(@"^db version v(\d{1,3})\.(\d{1,3})\.", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionLine();
}
