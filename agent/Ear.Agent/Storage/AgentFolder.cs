namespace Ear.Agent.Storage;

/// <summary>Where each thing lies in an agent's data folder.</summary>
internal sealed record AgentFolder(string Root)
{
    public string NodeKey => Path.Combine(Root, "node.key");

    public string State => Path.Combine(Root, "agent.state.json");

    public string Keys => Path.Combine(Root, "keys.json");

    public string Journal => Path.Combine(Root, "operation.json");

    public string DbPath => Path.Combine(Root, "db");

    public string MongodLog => Path.Combine(Root, "mongod.log");

    public string MongodOutput => Path.Combine(Root, "mongod.out");

    public string MongodPid => Path.Combine(Root, "mongod.pid");

    public string MongodLock => Path.Combine(Root, "mongod.running");

    public string MongodStarted => Path.Combine(Root, "mongod.started.json");
}
