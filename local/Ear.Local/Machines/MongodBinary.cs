using System.Diagnostics;

namespace Ear.Local.Machines;

/// <summary>Which mongod runs the nodes: the one that EAR_MONGOD names, else the stand-in beside this program.</summary>
internal sealed record MongodBinary(string Path, bool IsStandIn)
{
    public const string Variable = "EAR_MONGOD";

    /// <exception cref="FileNotFoundException">EAR_MONGOD names no file.</exception>
    public static MongodBinary Locate()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } real)
            return File.Exists(real) ? new(real, false) : throw new FileNotFoundException($"{Variable} names {real}, which does not exist. Unset it to use the stand-in.", real);
        return new(System.IO.Path.Combine(AppContext.BaseDirectory, "mongod", OperatingSystem.IsWindows() ? "Ear.Mongod.exe" : "Ear.Mongod"), true);
    }

    public ProcessStartInfo StartInfo(IEnumerable<string> arguments) => new(Path, arguments);
}
