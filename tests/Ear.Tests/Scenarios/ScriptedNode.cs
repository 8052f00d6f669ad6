using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Scenarios;

/// <summary>
/// A node that follows its goals as an agent does, a step at a time: enrols, starts mongod if the key can be read, does operations,
/// reports. mongod's replica set is played by <see cref="ScriptedSet"/>.
/// </summary>
internal sealed class ScriptedNode(MachineRequest request, ScriptedSet set)
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private long _sequence;
    private NodeGoal? _goal;
    private OpReport? _op;
    private bool _wiped;

    public NodeId Id => request.NodeId;

    public Ear.Projects.ProjectId Project => request.ProjectId;

    public int Index => request.Index;

    public Ear.Clusters.ClusterId Cluster => request.Cluster.Id;

    public string HostPort => $"host{request.Index}:27017";

    public string Token { get; } = request.EnrolmentToken!;

    public bool IsUp { get; private set; }

    public bool IsRemoved { get; set; }

    public EncryptionMode Encryption { get; private set; }

    public string Size { get; private set; } = "";

    public string? MasterKeyId { get; private set; }

    /// <summary>It was killed and not yet started again.</summary>
    public void Crash()
    {
        IsUp = false;
        set.Left(HostPort);
    }

    public void Hear(NodeGoal goal) => _goal = goal;

    /// <param name="readKey">Whether the key can be had now; makes one when there is none.</param>
    public async Task StepAsync(Func<string?, Task<(bool Readable, string? Id)>> readKey)
    {
        if (_goal is not { } goal)
            return;
        if (goal.Process is WantedProcess.Stopped || IsRemoved || (goal.Verdict is GoalVerdict.Invalid && Encryption is not EncryptionMode.None))
        {
            Crash();
            return;
        }
        if (!IsUp)
            await StartAsync(goal, readKey);
        else if (goal.Op is { } op && !_done.Contains(op.Id))
            await DoAsync(goal, op, readKey);
    }

    public NodeReport Report() => new(
        "1", "boot", ++_sequence, _goal?.Goal ?? 0, HostPort,
        IsUp ? new(true, 1, "8.0", set.RoleOf(HostPort), set.LagOf(HostPort), null, set.Healthy) { ConfiguredMembers = set.Configured } : MongodReport.Stopped,
        Encryption, MasterKeyId, Size, _goal?.Verdict ?? GoalVerdict.None)
    { Op = _op };

    private async Task StartAsync(NodeGoal goal, Func<string?, Task<(bool Readable, string? Id)>> readKey)
    {
        if (Size.Length == 0 || _wiped)
            Encryption = goal.Encryption;
        if (Encryption is not EncryptionMode.None && await readKey(MasterKeyId) is var (readable, id))
        {
            if (!readable)
                return;
            MasterKeyId = id;
        }
        (IsUp, Size, _wiped) = (true, goal.InstanceSize, false);
        set.Came(HostPort);
    }

    private async Task DoAsync(NodeGoal goal, NodeOp op, Func<string?, Task<(bool Readable, string? Id)>> readKey)
    {
        switch (op.Kind)
        {
            case NodeOpKind.Initiate:
                set.Initiate(HostPort);
                break;
            case NodeOpKind.AdmitMember:
                set.Admit(op.Member!);
                break;
            case NodeOpKind.RemoveMember:
                set.Remove(op.Member!);
                break;
            case NodeOpKind.StepDown:
                set.StepDown(HostPort);
                break;
            // Two steps, so that a story can see, and disturb, the middle.
            case NodeOpKind.Restart or NodeOpKind.WipeAndResync when _op?.Id != op.Id:
                Crash();
                (_op, _wiped) = (new(op.Id, OpPhase.Running, "stopped"), op.Kind is NodeOpKind.WipeAndResync);
                MasterKeyId = _wiped ? null : MasterKeyId;
                await StartAsync(goal, readKey);
                return;
            case NodeOpKind.Restart or NodeOpKind.WipeAndResync when !set.IsCaughtUp(HostPort):
                return;
        }
        _done.Add(op.Id);
        _op = new(op.Id, OpPhase.Succeeded, "done");
    }
}

/// <summary>mongod's replica set: who is in it, who is up, who is primary. One step after coming up a member has caught up.</summary>
internal sealed class ScriptedSet
{
    private readonly List<string> _configured = [];
    private readonly Dictionary<string, int> _up = new(StringComparer.Ordinal);
    private string? _primary;

    public System.Collections.Immutable.ImmutableArray<string> Configured => [.. _configured];

    public System.Collections.Immutable.ImmutableArray<string> Healthy => [.. _configured.Where(_up.ContainsKey)];

    public bool HasPrimary => _primary is not null;

    public void Initiate(string host)
    {
        if (_configured.Count == 0)
            _configured.Add(host);
        _up[host] = 2;
        Elect();
    }

    public void Admit(string host)
    {
        if (!_configured.Contains(host))
            _configured.Add(host);
        _up[host] = 0;
    }

    public void Remove(string host) => _configured.Remove(host);

    public void Came(string host) => _up[host] = 0;

    public void Left(string host)
    {
        _up.Remove(host);
        if (_primary == host)
            _primary = null;
    }

    public void StepDown(string host)
    {
        if (_primary == host)
            Elect(except: host);
    }

    /// <summary>Time goes on: syncs proceed, elections happen.</summary>
    public void Tick()
    {
        foreach (var host in _up.Keys.ToList())
            _up[host]++;
        if (Healthy.Length <= _configured.Count / 2)
            _primary = null;
        else if (_primary is null)
            Elect();
    }

    public bool IsCaughtUp(string host) => _up.GetValueOrDefault(host) >= 2 && _primary is not null;

    public MemberRole RoleOf(string host) => !_configured.Contains(host) ? MemberRole.NoSet
        : _primary == host ? MemberRole.Primary
        : _up.GetValueOrDefault(host) >= 1 ? MemberRole.Secondary : MemberRole.Startup2;

    public double? LagOf(string host) => _primary is null || _primary == host ? null : IsCaughtUp(host) ? 0 : 60;

    private void Elect(string? except = null)
        => _primary = Healthy.FirstOrDefault(h => h != except && (_up[h] >= 1 || _primary is null)) ?? _primary;
}
