using Ear.Agent.Mongod;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;

namespace Ear.Agent.Processes;

/// <summary>Ends mongod: asked first, then told, then made to.</summary>
internal sealed class MongodStopper(IProcessHost host, IMongod mongod, TimeProvider time, ILogger<MongodStopper> logger)
{
    // A primary waits this long for a secondary to take over, then goes all the same, as it does for a signal:
    // when a whole cluster is stopped, the last one has nobody to hand over to. Who must not go as primary steps down first.
    private const int StepDownSeconds = 10;
    private static readonly TimeSpan AfterCommand = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AfterTerminate = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <exception cref="IOException">Even SIGKILL did not end it (a disk that hangs).</exception>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (host.Find() is not { } process)
            return;
        Log.Stopping(logger, process.ProcessId);
        if (await AskAsync(cancellation) && await GoneAsync(AfterCommand, cancellation))
            return;
        host.Terminate(process);
        if (await GoneAsync(AfterTerminate, cancellation))
            return;
        // Its journal makes this safe for the data; only the wait at the next start grows.
        Log.Killing(logger, process.ProcessId, AfterTerminate);
        host.Kill(process);
        if (!await GoneAsync(AfterKill, cancellation))
            throw new IOException($"mongod (process {process.ProcessId}) does not end, not even by SIGKILL; look at its disk.");
    }

    /// <returns>False when the server refused or cannot be asked: then a signal does it.</returns>
    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        try
        {
            await mongod.RunAsync(new BsonDocument { { "shutdown", 1 }, { "force", true }, { "timeoutSecs", StepDownSeconds } }, cancellation);
            return true;
        }
        catch (MongodException exception)
        {
            // The usual end: the connection breaks because the server is gone.
            Log.ShutdownAnswer(logger, exception.Message);
            return exception.Code == MongodException.NoAnswer;
        }
    }

    private async Task<bool> GoneAsync(TimeSpan within, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (host.Find() is not null)
        {
            if (time.GetElapsedTime(since) > within)
                return false;
            await Task.Delay(Look, time, cancellation);
        }

        return true;
    }
}
