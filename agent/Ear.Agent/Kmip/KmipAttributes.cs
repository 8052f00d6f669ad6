using Ear.Agent.Keys;

namespace Ear.Agent.Kmip;

/// <summary>GetAttributes and Locate: the six attributes a node master key has, by their KMIP names.</summary>
internal sealed class KmipAttributes(INodeKeys keys)
{
    private const string State = "State";

    // State first: Percona's decoder takes the first attribute of the reply for it.
    private static readonly string[] All =
        [State, "Unique Identifier", "Object Type", "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask"];

    public static void RequireAes256(TtlvItem template)
    {
        foreach (var (name, value) in Filters(template))
        {
            if (name == "Cryptographic Algorithm" && value.Int32() != KmipValues.AlgorithmAes)
                throw new KmipException(KmipReason.InvalidField, "Node master keys are AES keys.");
            if (name == "Cryptographic Length" && value.Int32() != KmipValues.KeyBits)
                throw new KmipException(KmipReason.InvalidField, $"Node master keys are {KmipValues.KeyBits} bits long.");
        }
    }

    public async Task GetAsync(string id, TtlvItem payload, TtlvWriter reply, CancellationToken cancellation)
    {
        var asked = payload.Children().Where(child => child.Tag == KmipTag.AttributeName).Select(child => child.Text()).ToList();
        var state = StateValue(id, await keys.StateAsync(id, cancellation));
        reply.Text(KmipTag.UniqueIdentifier, id);
        // An attribute that this key does not have is left out, as KMIP wants it.
        foreach (var name in asked.Count == 0 ? All : asked.Intersect(All))
        {
            Write(reply, name, id, state);
        }
    }

    /// <summary>Finds this node's keys; a filter on anything else than the six attributes (a name, a group) finds none.</summary>
    public async Task LocateAsync(TtlvItem payload, TtlvWriter reply, CancellationToken cancellation)
    {
        var filters = Filters(payload);
        var limit = payload.Find(KmipTag.MaximumItems)?.Int32() ?? int.MaxValue;
        var written = 0;
        foreach (var id in keys.Registered)
        {
            if (written >= limit)
                break;
            if (await MatchesAsync(id, filters, cancellation))
            {
                reply.Text(KmipTag.UniqueIdentifier, id);
                written++;
            }
        }
    }

    private async Task<bool> MatchesAsync(string id, List<(string Name, TtlvItem Value)> filters, CancellationToken cancellation)
    {
        foreach (var (name, value) in filters)
        {
            var matches = name switch
            {
                State => value.Int32() == StateValue(id, await keys.StateAsync(id, cancellation)),
                "Unique Identifier" => value.Text() == id,
                "Object Type" => value.Int32() == KmipValues.ObjectTypeSymmetricKey,
                "Cryptographic Algorithm" => value.Int32() == KmipValues.AlgorithmAes,
                "Cryptographic Length" => value.Int32() == KmipValues.KeyBits,
                "Cryptographic Usage Mask" => (value.Int32() & ~KmipValues.UsageEncryptDecrypt) == 0,
                _ => false,
            };
            if (!matches)
                return false;
        }

        return true;
    }

    private static List<(string Name, TtlvItem Value)> Filters(TtlvItem holder) =>
        [.. holder.Children().Where(child => child.Tag == KmipTag.Attribute)
            .Select(child => (child.Require(KmipTag.AttributeName).Text(), child.Require(KmipTag.AttributeValue)))];

    private static int StateValue(string id, KeyState state) => state switch
    {
        KeyState.Active => KmipValues.StateActive,
        KeyState.Deactivated => KmipValues.StateDeactivated,
        KeyState.NeverRegistered => throw KmipOperations.NotFound(id),
        // Anything that is not proof is a general failure: mongod logs it and asks again, it does not stop (§0.2).
        _ => throw KmipOperations.Unanswerable(),
    };

    private static void Write(TtlvWriter reply, string name, string id, int state)
    {
        var attribute = reply.Begin(KmipTag.Attribute);
        reply.Text(KmipTag.AttributeName, name);
        switch (name)
        {
            case State:
                reply.Enumeration(KmipTag.AttributeValue, state);
                break;
            case "Unique Identifier":
                reply.Text(KmipTag.AttributeValue, id);
                break;
            case "Object Type":
                reply.Enumeration(KmipTag.AttributeValue, KmipValues.ObjectTypeSymmetricKey);
                break;
            case "Cryptographic Algorithm":
                reply.Enumeration(KmipTag.AttributeValue, KmipValues.AlgorithmAes);
                break;
            case "Cryptographic Length":
                reply.Integer(KmipTag.AttributeValue, KmipValues.KeyBits);
                break;
            default:
                reply.Integer(KmipTag.AttributeValue, KmipValues.UsageEncryptDecrypt);
                break;
        }

        reply.End(attribute);
    }
}
