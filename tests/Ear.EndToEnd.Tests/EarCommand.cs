using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ear.EndToEnd.Tests;

/// <summary>Runs the built <c>ear</c> command as a process of its own.</summary>
internal static partial class EarCommand
{
    // In its own output folder, where the agent and the stand-in mongod lie beside it: …/tests/Ear.EndToEnd.Tests/bin/Debug/net10.0/ is where we are.
    public static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "..", "..", "..", "local", "Ear.Local", "bin", Configuration, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Ear.Local.dll"));

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, TimeSpan bound, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(bound);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    public static void Interrupt(Process process) => Assert.Equal(0, SendSignal(process.Id, 2));

    public static void Terminate(Process process) => Assert.Equal(0, SendSignal(process.Id, 15));

    /// <summary>The data folder in the command line of the child that the process started.</summary>
    public static string DataFolderOf(Process process)
        => CommandLines().Where(c => c.Parent == process.Id).Select(c => c.Arguments)
            .Select(a => a[Array.IndexOf(a, "--data") + 1]).First();

    public static IReadOnlyList<string[]> CommandLinesNaming(string folder)
        => [.. CommandLines().Select(c => c.Arguments).Where(a => a.Any(part => part.Contains(folder, StringComparison.Ordinal)))];

    public static IReadOnlyList<int> ProcessesNaming(string folder)
        => [.. CommandLines().Where(c => c.Arguments.Any(a => a.Contains(folder, StringComparison.Ordinal))).Select(c => c.Id)];

    private static IEnumerable<(int Id, int Parent, string[] Arguments)> CommandLines()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            string[] arguments;
            int parent;
            try
            {
                arguments = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
            }
            catch (IOException)
            {
                continue; // it ended while we looked
            }
            yield return (int.Parse(Path.GetFileName(folder)), parent, arguments);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
