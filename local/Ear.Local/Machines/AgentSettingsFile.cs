using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Nodes;

namespace Ear.Local.Machines;

/// <summary>What a local agent is told when its folder is made: <c>agent.json</c>, and the enrolment token in a file of its own.</summary>
internal static class AgentSettingsFile
{
    public const string Name = "agent.json";
    private const string TokenFile = "enrolment.token";

    public static void Write(string folder, LocalMachinesOptions options, MachineRequest request)
    {
        if (request.EnrolmentToken is { } token)
            WritePrivate(Path.Combine(folder, TokenFile), token);
        // The settings last: a folder without them is not yet a node, and is written again after a crash.
        WritePrivate(Path.Combine(folder, Name), new JsonObject
        {
            ["controlPlane"] = options.ControlPlane.ToString(),
            ["projectId"] = request.ProjectId.Value,
            ["nodeId"] = request.NodeId.Value,
            ["mongod"] = options.Mongod.Path,
            ["stopMongodWithAgent"] = true,
        }.ToJsonString());
    }

    /// <summary>Ear may listen on another port than at the last start.</summary>
    public static void PointTo(string folder, LocalMachinesOptions options)
    {
        var file = Path.Combine(folder, Name);
        var settings = JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new JsonException($"{file} holds no settings.");
        if (settings["controlPlane"]?.GetValue<string>() == options.ControlPlane.ToString() && settings["mongod"]?.GetValue<string>() == options.Mongod.Path)
            return;
        settings["controlPlane"] = options.ControlPlane.ToString();
        settings["mongod"] = options.Mongod.Path;
        WritePrivate(file, settings.ToJsonString());
    }

    private static void WritePrivate(string file, string text)
    {
        var beside = file + ".new";
        var access = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(beside, access))
            writer.Write(text);
        File.Move(beside, file, overwrite: true);
    }
}
