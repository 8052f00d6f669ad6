using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.ApiDocument;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Requests to the agents' API, which the document does not describe: with a good signature, a bad one, or none.</summary>
internal sealed class AgentRequests(IReadOnlyList<FuzzNode> nodes, string sealingKey, TimeProvider time)
{
    /// <summary>No request says that it knows it: a poll that has nothing to hear would wait for a clock that stands.</summary>
    public const long Goal = 7_700_077;

    /// <summary>Sealed in every wrap, and so plain in no answer.</summary>
    public static readonly byte[] PlainKey = SHA256.HashData("the fuzz's node master key"u8);

    private static long nonces;

    public static IReadOnlyList<DocumentedOperation> Operations { get; } =
        [.. new[] { AgentApi.Enroll, AgentApi.Poll, AgentApi.Wrap, AgentApi.Unwrap }.Select(path => new DocumentedOperation(path, "post", new JsonObject { ["operationId"] = path, ["responses"] = new JsonObject() }))];

    public static bool IsOne(DocumentedOperation operation) => Operations.Contains(operation);

    public Asking Make(DocumentedOperation operation, Dice dice)
    {
        var node = dice.Of(nodes);
        var good = dice.Chance(60);
        var body = Body(operation.Path, node, dice);
        var headers = new List<(string, string)> { ("Content-Type", dice.Chance(90) ? "application/json" : "text/plain") };
        if (operation.Path != AgentApi.Enroll || dice.Chance(10))
            Sign(headers, operation.Path, node, body, good, dice);
        var request = new RawRequest("POST", operation.Path, headers, body);
        return new Asking(operation, node.IsForeign ? Asker.Stranger : Asker.Owner, request, Twice: false) { MustBeRefused = operation.Path != AgentApi.Enroll && !good };
    }

    private void Sign(List<(string, string)> headers, string path, FuzzNode node, byte[] body, bool good, Dice dice)
    {
        if (good)
            headers.Add(("Authorization", Signature(node.Key, node, path, body, time.GetUtcNow())));
        else if (dice.Int(10) is var way && Wrong(way, path, node, body, dice) is { } wrong)
            headers.Add(("Authorization", wrong));
    }

    /// <summary>Null: none.</summary>
    private string? Wrong(int way, string path, FuzzNode node, byte[] body, Dice dice) => way switch
    {
        0 => null,
        1 => Signature(nodes.First(n => n.Key != node.Key).Key, node, path, body, time.GetUtcNow()),
        2 => Signature(node.Key, node, path + "/", body, time.GetUtcNow()),
        3 => Signature(node.Key, node, path, [.. body, (byte)' '], time.GetUtcNow()),
        4 => Signature(node.Key, node, path, body, time.GetUtcNow() + dice.Of([AgentSignature.Window, -AgentSignature.Window]) * 1.01),
        5 => Signature(node.Key, node, path, body, time.GetUtcNow(), nonceBytes: dice.Of([0, 1, 11, 49])),
        6 => Signature(node.Key, node, path, body, time.GetUtcNow())[..^dice.Of([1, 2, 40])],
        7 => Signature(node.Key, node, path, body, time.GetUtcNow()).Replace(node.Id.Value, dice.Hex(24), StringComparison.Ordinal),
        8 => $"MongoNode {node.Project}/{node.Id}; ts={dice.Of(Words.Numbers)}; nonce=aaaaaaaaaaaaaaaaaaaaaaaa; sig={dice.Of(["", "AA", "!!", new string('A', 86), new string('A', 9000)])}",
        _ => dice.Of(["MongoNode", "MongoNode ", "MongoNode a/b; ts=; nonce=; sig=", "MongoNode ; ; ; ", "Bearer a.b", "é", "MongoNode //; ts=1; nonce=1; sig=1"]),
    };

    private static string Signature(ECDsa key, FuzzNode node, string path, byte[] body, DateTimeOffset at, int nonceBytes = 16)
    {
        // Not of the dice: when a failure is played again, a nonce that was used already would be refused.
        var nonce = new byte[nonceBytes];
        Encoding.ASCII.GetBytes(Interlocked.Increment(ref nonces).ToString("x16", CultureInfo.InvariantCulture)).AsSpan(0, Math.Min(16, nonceBytes)).CopyTo(nonce);
        return AgentSignature.Sign(key, node.Project, node.Id, "POST", path, body, at, nonce);
    }

    private byte[] Body(string path, FuzzNode node, Dice dice)
    {
        var good = JsonSerializer.Serialize(Good(path, node, dice), EarJson.Options);
        if (dice.Chance(60))
            return Encoding.UTF8.GetBytes(good);
        var fields = (JsonObject)JsonNode.Parse(good)!;
        var name = dice.Of([.. fields.Select(f => f.Key)]);
        switch (dice.Int(6))
        {
            case 0:
                fields.Remove(name);
                break;
            case 1:
                fields[name] = dice.Of(Words.Texts);
                break;
            case 2:
                fields[name] = null;
                break;
            case 3:
                fields["unknown"] = dice.Of(Words.Texts);
                break;
            case 4:
                return Encoding.UTF8.GetBytes(good[..dice.Int(good.Length)]);
            default:
                return Encoding.UTF8.GetBytes(dice.Of(["", "[]", "null", "{}", "not json", $"{{\"{name}\":{dice.Of(Words.Numbers)}}}", $"{{\"{name}\":{new string('[', 100)}"]));
        }
        return Encoding.UTF8.GetBytes(fields.ToJsonString());
    }

    private object Good(string path, FuzzNode node, Dice dice)
    {
        var keyId = dice.Chance(30) ? new Guid(dice.Int(4), 0, 0, new byte[8]).ToString() : dice.Of(Words.Texts);
        return path switch
        {
            AgentApi.Enroll => new EnrolRequest(
                node.Project.Value, node.Id.Value, dice.Chance(60) ? node.Token : dice.Of(Words.Texts), Convert.ToBase64String(dice.Of(nodes).Key.ExportSubjectPublicKeyInfo()), "host0:27017"),
            AgentApi.Poll => new PollRequest(
                new NodeReport("1", "boot", dice.Int(9), dice.Int(9), "host0:27017", MongodReport.Stopped, EncryptionMode.None, null, "M10", GoalVerdict.None), dice.Of([0, 1, -1, long.MaxValue])),
            AgentApi.Wrap => new WrapRequest(keyId, SealedBox.Seal(PlainKey, SealedBox.ImportPublicKey(sealingKey), AgentApi.KeyPurpose(node.Id, keyId))),
            _ => new UnwrapRequest(keyId),
        };
    }
}

/// <summary>A node of either project, with its agent's key and the token that enrols it.</summary>
internal sealed record FuzzNode(ProjectId Project, NodeId Id, ECDsa Key, string Token, bool IsForeign);
