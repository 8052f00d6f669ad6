using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Sqlite;

/// <summary>
/// This test program, started a second time with EAR_TEST_WRITER set: it saves one version after the other and prints each number once
/// it was told that it is saved, until it is killed.
/// </summary>
internal static class CrashingWriter
{
    private const string PathVariable = "EAR_TEST_WRITER";
    private const string ProjectVariable = "EAR_TEST_WRITER_PROJECT";

    /// <returns>The last version that the writer said was saved.</returns>
    public static async Task<long> RunAndKillAsync(string path, Project project, int atLeast, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(CrashingWriter).Assembly.Location);
        start.Environment[PathVariable] = path;
        start.Environment[ProjectVariable] = Some.Json(project);
        using var process = Process.Start(start)!;
        try
        {
            var told = 0L;
            for (var i = 0; i < atLeast; i++)
                told = long.Parse(await process.StandardOutput.ReadLineAsync(cancellation) ?? throw new InvalidOperationException("The writer ended by itself."));
            process.Kill();
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
                told = long.TryParse(line, out var later) ? later : told;
            await process.WaitForExitAsync(cancellation);
            return told;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The one way into a test program before its runner.")]
    internal static void WriteWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is not { } path)
            return;
        var project = JsonSerializer.Deserialize<Project>(Environment.GetEnvironmentVariable(ProjectVariable)!, EarJson.Options)!;
        var file = new StoreFile(new SqliteStoreOptions { Path = path }, NullLogger.Instance, fault: null);
        var projects = new SqliteProjects(file);
        var version = projects.FindAsync(project.Id, CancellationToken.None).GetAwaiter().GetResult()?.Version ?? 0;
        while (true)
        {
            var next = version + 1;
            version = projects.SaveAsync(project with { Name = $"{next}" }, version, [Some.Event(project.Id, $"V{next}")], CancellationToken.None).GetAwaiter().GetResult().Version;
            Console.WriteLine(version);
        }
    }
}
