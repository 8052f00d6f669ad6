using Ear.Mongod.Kmip;
using Ear.Mongod.Logging;

namespace Ear.Mongod.Encryption;

/// <summary>Asks every period whether the master key is still active, as Percona does: only an answer "not active" or "absent" ends the process; no answer is logged and nothing else.</summary>
internal sealed class KeyStateMonitor(KmipClient kmip, string keyId, TimeSpan period, TimeProvider time, ServerLog log)
{
    /// <summary>Runs until the key may no longer be used; then returns, and the process is to end.</summary>
    public async Task WatchAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(period, time, ct);
            try
            {
                switch (await kmip.ReadStateAsync(keyId, ct))
                {
                    case KeyState.Active:
                        break;
                    case null:
                        log.Error("STORAGE", 29121, "Master encryption key is absent on the key management facility.", ("keyManagementFacilityType", "KMIP server"), ("keyIdentifier", keyId));
                        return;
                    case { } state:
                        log.Error("STORAGE", 29122, "Master encryption key is not in the active state on the key management facility.", ("keyManagementFacilityType", "KMIP server"), ("keyIdentifier", keyId), ("keyState", state.ToString()));
                        return;
                }
            }
            catch (KmipException e)
            {
                log.Error("STORAGE", 29123, "Data-at-Rest Encryption Error", ("error", e.Message));
            }
        }
    }
}
