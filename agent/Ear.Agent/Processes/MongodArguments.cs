using System.Globalization;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Processes;

/// <summary>What one start of mongod needs to know.</summary>
/// <param name="KeyId">For the first start on an empty dbPath: the node key that was made and proven for it; null lets mongod register one of its own.</param>
internal sealed record StartPlan(string ReplicaSetName, string InstanceSize, EncryptionMode Encryption, string? KeyId);

/// <summary>Where this node's mongod lives; the same for every start.</summary>
internal sealed record MongodPlace(AgentFolder Folder, string BindIp, int Port, int KmipPort, string KmipCaFile, string KmipClientFile);

/// <summary>mongod's command line (spec dataplane §1.1).</summary>
internal static class MongodArguments
{
    public static IReadOnlyList<string> For(MongodPlace place, StartPlan plan, MongodProgram program)
    {
        List<string> arguments =
        [
            "--dbpath", place.Folder.DbPath,
            "--port", $"{place.Port}",
            "--bind_ip", place.BindIp,
            "--replSet", plan.ReplicaSetName,
            "--logpath", place.Folder.MongodLog, "--logappend",
            "--wiredTigerCacheSizeGB", CacheGigabytes(plan.InstanceSize).ToString("0.##", CultureInfo.InvariantCulture),
        ];
        foreach (var parameter in program.Parameters)
        {
            arguments.AddRange(["--setParameter", parameter]);
        }

        if (plan.Encryption == EncryptionMode.None)
            return arguments;
        arguments.AddRange(
        [
            "--enableEncryption",
            "--encryptionCipherMode", "AES256-GCM",
            "--kmipServerName", "127.0.0.1",
            "--kmipPort", $"{place.KmipPort}",
            "--kmipServerCAFile", place.KmipCaFile,
            "--kmipClientCertificateFile", place.KmipClientFile,
            // The bridge is on loopback, so looking each minute is cheap: mongod goes down by itself even if a stop order is lost (§3.5).
            "--kmipKeyStatePollingSeconds", "60",
            // Without retries one hiccup of the bridge during the start ends mongod.
            "--kmipConnectRetries", "5",
        ]);
        if (plan.KeyId is { } keyId)
            arguments.AddRange(["--kmipKeyIdentifier", keyId]);
        return arguments;
    }

    /// <summary>mongod's own default for the memory that the instance size stands for: half of what exceeds 1 GB, at least 0.25.</summary>
    internal static double CacheGigabytes(string instanceSize)
    {
        var memory = instanceSize.TrimStart('M', 'R') switch
        {
            "10" => 2,
            "20" => 4,
            "30" => 8,
            "40" => 16,
            "50" => 32,
            "60" => 64,
            "80" => 128,
            "140" => 192,
            "200" => 256,
            "300" => 384,
            "400" => 488,
            "700" => 768,
            // A size this agent does not know yet gets the smallest cache: slow beats out of memory.
            _ => 0,
        };
        return Math.Max(0.25, (memory - 1) / 2.0);
    }
}
