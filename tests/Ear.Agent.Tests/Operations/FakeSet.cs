using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Tests.Operations;

/// <summary>A replica set in memory: as much of mongod's admin commands as the agent uses, with its error codes.</summary>
internal sealed class FakeSet : IMongods
{
    private readonly Dictionary<string, FakeServer> servers = new(StringComparer.Ordinal);

    public BsonDocument? Config { get; set; }

    /// <summary>No secondary is caught up: step-downs are refused.</summary>
    public bool NobodyCaughtUp { get; set; }

    public List<string> Commands { get; } = [];

    public static FakeSet Of(params string[] hosts)
    {
        var set = new FakeSet { Config = new BsonDocument { { "_id", "rs" }, { "version", 1 }, { "members", new BsonArray() } } };
        for (var index = 0; index < hosts.Length; index++)
        {
            set.Config["members"].AsBsonArray.Add(new BsonDocument { { "_id", index }, { "host", hosts[index] } });
            set.At(hosts[index]).Role = index == 0 ? MemberRole.Primary : MemberRole.Secondary;
        }

        return set;
    }

    public FakeServer At(string hostPort)
    {
        if (!servers.TryGetValue(hostPort, out var server))
            servers.Add(hostPort, server = new FakeServer(this, hostPort));
        return server;
    }

    IMongod IMongods.At(string hostPort) => At(hostPort);

    public IEnumerable<string> Hosts => Config is null ? [] : Config["members"].AsBsonArray.Select(member => member["host"].AsString);

    public FakeServer? Primary => Hosts.Select(At).FirstOrDefault(server => server is { Up: true, Role: MemberRole.Primary });
}

internal sealed class FakeServer(FakeSet set, string host) : IMongod
{
    public bool Up { get; set; } = true;

    public MemberRole Role { get; set; } = MemberRole.NoSet;

    public bool Encrypted { get; set; }

    public string? KeyId { get; set; }

    public double LagSeconds { get; set; }

    /// <summary>Before each look: lets a script move on.</summary>
    public Action<FakeServer>? OnLook { get; set; }

    public Action? OnShutdown { get; set; }

    public Task<MongodView> LookAsync(CancellationToken cancellation)
    {
        OnLook?.Invoke(this);
        return Task.FromResult(!Up ? MongodView.Down : new MongodView(true, Role)
        {
            ProcessId = 1,
            Version = "7.0.0",
            Encrypted = Encrypted,
            KeyId = KeyId,
            Members = set.Config is null || Role == MemberRole.NoSet ? [] : [.. set.Hosts.Select(Member)],
        });
    }

    public Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellation)
    {
        if (!Up)
            throw new MongodException(MongodException.NoAnswer, "connection refused");
        var name = command.GetElement(0).Name;
        set.Commands.Add($"{host} {name}");
        return Task.FromResult(name switch
        {
            "replSetInitiate" => Initiate(command[0].AsBsonDocument),
            "replSetGetConfig" => new BsonDocument("config", set.Config!.DeepClone()),
            "replSetReconfig" => Reconfigure(command[0].AsBsonDocument),
            "replSetStepDown" => StepDown(command),
            "shutdown" => Shutdown(),
            _ => throw new MongodException(59, $"no such command: '{name}'"),
        });
    }

    private MemberView Member(string name)
    {
        var server = set.At(name);
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(-server.LagSeconds);
        return new MemberView(name, server.Up ? server.Role : MemberRole.Down, server.Up, name == host, server.Up ? time : null);
    }

    private BsonDocument Initiate(BsonDocument config)
    {
        if (set.Config is not null)
            throw new MongodException(MongodCodes.AlreadyInitialized, "already initialized");
        config["version"] = 1;
        set.Config = config;
        Role = MemberRole.Primary;
        return [];
    }

    private BsonDocument Reconfigure(BsonDocument config)
    {
        if (Role != MemberRole.Primary)
            throw new MongodException(MongodCodes.NotWritablePrimary, "not primary");
        if (config["version"].AsInt32 != set.Config!["version"].AsInt32 + 1)
            throw new MongodException(103, "version must grow");
        set.Config = config;
        return [];
    }

    private BsonDocument StepDown(BsonDocument command)
    {
        Assert.False(command["force"].AsBoolean);
        if (Role != MemberRole.Primary)
            throw new MongodException(MongodCodes.NotWritablePrimary, "not primary");
        if (set.NobodyCaughtUp)
            throw new MongodException(MongodCodes.ExceededTimeLimit, "No electable secondaries caught up");
        Role = MemberRole.Secondary;
        set.Hosts.Select(set.At).First(server => server != this && server.Up).Role = MemberRole.Primary;
        return [];
    }

    private BsonDocument Shutdown()
    {
        Up = false;
        OnShutdown?.Invoke();
        throw new MongodException(MongodException.NoAnswer, "connection closed");
    }
}
