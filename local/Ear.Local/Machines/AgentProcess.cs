using System.Diagnostics;

namespace Ear.Local.Machines;

/// <summary>The agent's program beside this one; its output goes to <c>agent.log</c> of its folder.</summary>
internal static class AgentProcess
{
    public static ProcessStartInfo StartInfo(string folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "agent", OperatingSystem.IsWindows() ? "Ear.Agent.exe" : "Ear.Agent");
        string[] arguments = ["--data", folder];
        if (OperatingSystem.IsWindows())
            return new(program, arguments) { CreateNoWindow = true };
        // The shell only connects the log, then becomes the agent: the process id stays. Nobody has to read a pipe, so the agent outlives us.
        return new("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", Path.Combine(folder, "agent.log"), program, .. arguments]);
    }
}
