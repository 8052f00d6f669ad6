using Ear.Nodes;
using Ear.Projects;
using Microsoft.Extensions.Configuration;

namespace Ear.Agent.Settings;

/// <summary>
/// What an agent is told when it is installed: <c>agent.json</c> in its data folder, command line options of the same names on top
/// (<c>--port 27017</c>). No secret is among them: the enrolment token lies in a file of its own, removed once used.
/// </summary>
internal sealed record AgentSettings
{
    /// <summary>Everything of this node: keys, certificates, journal, logs, and <c>db</c>, the dbPath. Option <c>--data</c>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Base URL, https except on loopback: <c>controlPlane</c>.</summary>
    public required Uri ControlPlane { get; init; }

    public required ProjectId ProjectId { get; init; }

    public required NodeId NodeId { get; init; }

    /// <summary><c>enrolmentTokenFile</c>, relative to the data folder; default <c>enrolment.token</c>.</summary>
    public required string EnrolmentTokenFile { get; init; }

    /// <summary><c>mongod</c>: path of the server; one that ends with .dll is run by dotnet. Default: environment EAR_MONGOD, else <c>mongod</c> on the PATH.</summary>
    public required string Mongod { get; init; }

    /// <summary><c>host</c>: the name under which the other members reach this mongod. Default 127.0.0.1.</summary>
    public required string Host { get; init; }

    /// <summary><c>bindIp</c>: what mongod listens on. Default 127.0.0.1.</summary>
    public required string BindIp { get; init; }

    /// <summary><c>port</c> of mongod; 0 (default): a free one, chosen at the first start and kept.</summary>
    public required int Port { get; init; }

    /// <summary><c>kmipPort</c> of the bridge on loopback; 0 (default): a free one, chosen at the first start and kept.</summary>
    public required int KmipPort { get; init; }

    /// <summary><c>stopMongodWithAgent</c>: true stops mongod cleanly when the agent is asked to end. Default false: mongod outlives agent upgrades.</summary>
    public required bool StopMongodWithAgent { get; init; }

    /// <summary>Reads <paramref name="arguments"/> and the file; gives every fault at once when there are some.</summary>
    public static (AgentSettings? Settings, IReadOnlyList<string> Faults) Read(string[] arguments, string? environmentMongod)
    {
        var commandLine = new ConfigurationBuilder().AddCommandLine(arguments).Build();
        if (commandLine["data"] is not { Length: > 0 } data)
            return (null, ["--data is missing: name the folder of this node, for example: Ear.Agent --data /var/lib/ear/node"]);
        data = Path.GetFullPath(data);
        try
        {
            var all = new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(data, "agent.json"), optional: true, reloadOnChange: false)
                .AddCommandLine(arguments)
                .Build();
            var reading = new SettingsReading(all);
            var settings = reading.Finish(data, environmentMongod);
            return (settings, reading.Faults);
        }
        catch (InvalidDataException exception)
        {
            return (null, [$"{Path.Combine(data, "agent.json")} cannot be read: {exception.InnerException?.Message ?? exception.Message}"]);
        }
    }
}

/// <summary>Collects faults while reading, so that one start reports all of them.</summary>
internal sealed class SettingsReading(IConfiguration source)
{
    private readonly List<string> faults = [];

    public IReadOnlyList<string> Faults => faults;

    public AgentSettings? Finish(string data, string? environmentMongod)
    {
        var settings = new AgentSettings
        {
            DataFolder = data,
            ControlPlane = Url("controlPlane"),
            ProjectId = Id<ProjectId>("projectId"),
            NodeId = Id<NodeId>("nodeId"),
            EnrolmentTokenFile = Path.Combine(data, Text("enrolmentTokenFile") ?? "enrolment.token"),
            Mongod = Text("mongod") ?? (string.IsNullOrEmpty(environmentMongod) ? "mongod" : environmentMongod),
            Host = Text("host") ?? "127.0.0.1",
            BindIp = Text("bindIp") ?? "127.0.0.1",
            Port = Port("port"),
            KmipPort = Port("kmipPort"),
            StopMongodWithAgent = Switch("stopMongodWithAgent"),
        };
        return faults.Count == 0 ? settings : null;
    }

    private string? Text(string name) => source[name] is { Length: > 0 } text ? text : null;

    private Uri Url(string name)
    {
        if (!Uri.TryCreate(Text(name), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            faults.Add($"{name} must be the control plane's base URL, for example https://ear.example.com.");
        else if (url.Scheme == "http" && !url.IsLoopback)
            faults.Add($"{name} must be https: plain http is only taken for this machine itself.");
        else
            return url;
        return new Uri("about:blank");
    }

    private T Id<T>(string name)
        where T : struct, IHexId<T>
    {
        if (HexId.TryParse<T>(Text(name), out var id))
            return id;
        faults.Add($"{name} must be 24 lower-case hexadecimal characters.");
        return default;
    }

    private int Port(string name)
    {
        var text = Text(name) ?? "0";
        if (int.TryParse(text, out var port) && port is >= 0 and <= 65535)
            return port;
        faults.Add($"{name} must be a port from 0 (any free one) to 65535, not '{text}'.");
        return 0;
    }

    private bool Switch(string name)
    {
        var text = Text(name) ?? "false";
        if (bool.TryParse(text, out var value))
            return value;
        faults.Add($"{name} must be true or false, not '{text}'.");
        return false;
    }
}
