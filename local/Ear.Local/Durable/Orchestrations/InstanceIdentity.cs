using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>Which execution of which instance runs: the same again in each replay, and never the same for two executions.</summary>
/// <param name="Created">UTC ticks; tells apart two instances that had one id after each other.</param>
/// <param name="Execution">Counts how often the instance continued as new.</param>
internal sealed record InstanceIdentity(string Id, string Name, long Created, long Execution, ParentOrchestrationInstance? Parent)
{
    /// <summary>The n-th GUID of this execution.</summary>
    public Guid DeterministicGuid(int n)
    {
        var id = Encoding.UTF8.GetBytes(Id);
        var seed = new byte[id.Length + 20];
        id.CopyTo(seed, 0);
        BinaryPrimitives.WriteInt64BigEndian(seed.AsSpan(id.Length), Created);
        BinaryPrimitives.WriteInt64BigEndian(seed.AsSpan(id.Length + 8), Execution);
        BinaryPrimitives.WriteInt32BigEndian(seed.AsSpan(id.Length + 16), n);

        var hash = SHA256.HashData(seed).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
