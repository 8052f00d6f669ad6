using Ear.Agent.Keys;
using Ear.Agent.Mongod;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Agent.Storage;
using MongoDB.Bson;

namespace Ear.Agent.Tests.Operations;

internal sealed class AgentKilledException(string at) : Exception($"killed at {at}");

/// <summary>Kills the agent at the n-th moment that matters: right before and right after everything it does to the world or to its journal.</summary>
internal sealed class Kills(int at)
{
    private int moment;

    public string? Where { get; private set; }

    public void Moment(string name)
    {
        if (++moment != at)
            return;
        Where = name;
        throw new AgentKilledException(name);
    }

    public T Around<T>(string name, Func<T> act)
    {
        Moment($"before {name}");
        var result = act();
        Moment($"after {name}");
        return result;
    }

    public void Around(string name, Action act) => Around(name, () =>
    {
        act();
        return true;
    });

    public async Task<T> AroundAsync<T>(string name, Func<Task<T>> act)
    {
        Moment($"before {name}");
        var result = await act();
        Moment($"after {name}");
        return result;
    }
}

internal sealed class KillingJournal(IJournal inner, Kills kills) : IJournal
{
    public JournalEntry? Load() => inner.Load();

    public void Save(JournalEntry entry) => kills.Around($"journal {entry.Step} {entry.Phase}", () => inner.Save(entry));
}

internal sealed class KillingDbPath(IDbPath inner, Kills kills) : IDbPath
{
    public DbMarker? Marker => inner.Marker;

    public bool IsForeign => inner.IsForeign;

    public DiskSpace? Space => inner.Space;

    public bool HasKeystore => inner.HasKeystore;

    public bool IsAside(string opId) => inner.IsAside(opId);

    public void Mark(DbMarker marker) => kills.Around("mark", () => inner.Mark(marker));

    public void MoveAside(string opId, DbMarker fresh) => kills.Around("move aside", () => inner.MoveAside(opId, fresh));

    public void MoveBack(string opId) => kills.Around("move back", () => inner.MoveBack(opId));

    public void DeleteAside(string opId) => kills.Around("delete aside", () => inner.DeleteAside(opId));
}

internal sealed class KillingProcessHost(IProcessHost inner, Kills kills) : IProcessHost
{
    public ProcessMark? Find() => inner.Find();

    public Task<ProcessMark> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        kills.AroundAsync("start", () => inner.StartAsync(arguments, cancellation));

    public void Terminate(ProcessMark process) => kills.Around("terminate", () => inner.Terminate(process));

    public void Kill(ProcessMark process) => kills.Around("kill", () => inner.Kill(process));
}

internal sealed class KillingMongods(IMongods inner, Kills kills) : IMongods
{
    public IMongod At(string hostPort) => new Server(inner.At(hostPort), kills);

    private sealed class Server(IMongod server, Kills kills) : IMongod
    {
        public Task<MongodView> LookAsync(CancellationToken cancellation) => server.LookAsync(cancellation);

        public async Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellation)
        {
            var name = command.GetElement(0).Name;
            kills.Moment($"before {name}");
            try
            {
                return await server.RunAsync(command, cancellation);
            }
            finally
            {
                kills.Moment($"after {name}");
            }
        }
    }
}

internal sealed class KillingKeys(INodeKeys inner, Kills kills) : INodeKeys
{
    public IReadOnlyList<string> Registered => inner.Registered;

    public Task<KeyRegistration> RegisterAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
        kills.AroundAsync("register", () => inner.RegisterAsync(key, cancellation));

    public Task<KeyReading> UnwrapAsync(string keyId, CancellationToken cancellation) => inner.UnwrapAsync(keyId, cancellation);

    public Task<KeyState> StateAsync(string keyId, CancellationToken cancellation) => inner.StateAsync(keyId, cancellation);
}
