namespace Ear.Agent.Processes;

/// <summary>Starts, finds and ends the one mongod of a data folder. It outlives the agent.</summary>
internal interface IProcessHost
{
    /// <summary>The running mongod of this folder, whoever started it; null when there is none.</summary>
    ProcessMark? Find();

    /// <summary>Starts it detached; gives the one that already runs when there is one.</summary>
    /// <exception cref="ProcessStartException">The program cannot be started at all.</exception>
    Task<ProcessMark> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation);

    void Terminate(ProcessMark process);

    void Kill(ProcessMark process);
}

/// <summary>A process id is used again; together with its start it names one process.</summary>
/// <param name="StartTicks">Clock ticks from boot to its start (Linux); 0 where the system does not tell.</param>
internal sealed record ProcessMark(int ProcessId, long StartTicks, string BootId);

internal sealed class ProcessStartException(string message, Exception? inner = null) : Exception(message, inner);
