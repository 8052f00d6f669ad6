using Ear.Agent.Goals;
using Ear.Agent.Storage;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Keys;

/// <summary>
/// Gives the node's wrapped keys back when a goal tells of a restore that this agent has not heard of. Not waited for until mongod asks for its key: a node that
/// loses its disk meanwhile would take the only copy with it. If we die on the way, the next start begins again, and what is given twice is given once.
/// </summary>
internal sealed class KeyReturns(GoalKeeper goals, AgentStateStore state, ControlPlaneKeys keys, TimeProvider time, IIds ids, ILogger<KeyReturns> logger)
{
    private readonly Backoff backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), ids);

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!goals.Removed)
        {
            var changed = goals.Changed;
            if (goals.Current?.Restore is not { } restore || restore <= state.Current.KeysReturnedAfter)
            {
                await changed.WaitAsync(cancellation);
                continue;
            }
            if (await keys.ReturnAllAsync(cancellation))
            {
                state.Update(current => current with { KeysReturnedAfter = restore });
                Log.AllReturned(logger);
                backoff.Reset();
                continue;
            }
            await Task.Delay(backoff.Next(), time, cancellation);
        }
    }
}
