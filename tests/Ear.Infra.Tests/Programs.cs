namespace Ear.Infra.Tests;

/// <summary>Programs of our own in the place of those that would reach Azure, or take their time: first on a script's path.</summary>
internal sealed class Programs : IDisposable
{
    public Programs(params (string Name, string Body)[] programs)
    {
        foreach (var (name, body) in programs)
        {
            var file = System.IO.Path.Combine(Folder, name);
            File.WriteAllText(file, $"#!/bin/sh\n{body}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("ear-hooks-").FullName;

    /// <summary>For the variable PATH.</summary>
    public string Path => $"{Folder}:{Environment.GetEnvironmentVariable("PATH")}";

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
