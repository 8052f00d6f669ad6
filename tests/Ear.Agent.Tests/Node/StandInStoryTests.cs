using System.Collections.Immutable;
using System.Diagnostics;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Agent.Tests.Node;

public sealed class StandInStoryTests
{
    private const string Marker = "a text that is looked for in the files";

    [Fact]
    public async Task A_cluster_is_formed_encrypted_stopped_for_its_key_and_started_again()
    {
        await using var cluster = await StandInCluster.StartAsync(3);
        await FormAsync(cluster);
        var (first, second) = (cluster.Members[0], cluster.Members[1]);
        using var client = new MongoClient($"mongodb://{string.Join(',', cluster.Members.Select(member => member.Host))}/?replicaSet=orders-shard-0&w=majority");
        await client.GetDatabase("shop").GetCollection<BsonDocument>("orders").InsertOneAsync(new BsonDocument("text", Marker));
        Assert.True(IsInFiles(second), "The marker is in the plain files.");

        // Encrypted by an initial sync; the old files are gone, the key was wrapped and is the one in use.
        foreach (var member in cluster.Members)
        {
            member.Tell(goal => goal with { Encryption = EncryptionMode.Aes256Gcm, Verdict = GoalVerdict.Valid });
        }

        await second.OperateAsync(Resync(cluster, second, "resync/1"));
        await second.SeenAsync(report => report is { Encryption: EncryptionMode.Aes256Gcm, Mongod.Role: MemberRole.Secondary }, "the second node is an encrypted secondary");
        Assert.Contains(second.Report!.MasterKeyId!, second.Node.Keys.Keys);
        Assert.False(IsInFiles(second), "The marker is in no file of the encrypted node.");
        Assert.Empty(Directory.GetDirectories(second.Folder, "db.old-*"));

        // The KMS is away and the encrypted mongod dies: it waits for its key, and comes back with it.
        cluster.ControlPlane.KmsAway = true;
        Kill(second.Report!.Mongod.ProcessId!.Value);
        await second.SeenAsync(report => report is { WaitingFor: "key", Mongod.Up: false }, "the second node waits for its key");
        cluster.ControlPlane.KmsAway = false;
        await second.SeenAsync(report => report is { WaitingFor: null, Mongod.Role: MemberRole.Secondary }, "the second node is back");

        // The agent restarts: the running mongod is adopted, not started again.
        var process = second.Report!.Mongod.ProcessId;
        await second.StopAgentAsync();
        second.StartAgent();
        var polls = second.Node.Polls;
        await second.SeenAsync(report => second.Node.Polls > polls && report.Mongod.Up, "the second agent is back");
        Assert.Equal(process, second.Report!.Mongod.ProcessId);

        // The key turns invalid: everything stops, and starts when told.
        cluster.ControlPlane.KeyInvalid = true;
        foreach (var member in cluster.Members)
        {
            member.Tell(goal => goal with { Process = WantedProcess.Stopped, Verdict = GoalVerdict.Invalid });
        }

        foreach (var member in cluster.Members)
        {
            await member.SeenAsync(report => report.Mongod.ProcessId is null && report.AchievedGoal == member.Node.Goal!.Goal, "mongod is down");
        }

        cluster.ControlPlane.KeyInvalid = false;
        foreach (var member in cluster.Members)
        {
            member.Tell(goal => goal with { Process = WantedProcess.Running, Verdict = GoalVerdict.Valid, InstanceSize = "M20" });
        }

        foreach (var member in cluster.Members)
        {
            await member.SeenAsync(report => report.Mongod.Role is MemberRole.Primary or MemberRole.Secondary && report.InstanceSize == "M20", "mongod serves again with its new size");
        }

        // The primary hands over.
        await Eventually.HoldsAsync(() => cluster.Members.Any(member => member.Report!.Mongod.Role == MemberRole.Primary), "there is a primary", 60, () => cluster.Logs);
        var primary = cluster.Members.First(member => member.Report!.Mongod.Role == MemberRole.Primary);
        await primary.OperateAsync(new NodeOp("stepdown", NodeOpKind.StepDown, 60, 60));
        await primary.SeenAsync(report => report.Mongod.Role == MemberRole.Secondary, "the old primary follows");
        Assert.Equal(1, await client.GetDatabase("shop").GetCollection<BsonDocument>("orders").CountDocumentsAsync(new BsonDocument("text", Marker)));

        Assert.False(File.Exists(first.TokenFile), "The enrolment token is removed once used.");
        foreach (var key in cluster.Members.SelectMany(member => member.Node.Keys.Values))
        {
            Assert.DoesNotContain(Convert.ToBase64String(key), cluster.Logs, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(key), cluster.Logs, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task FormAsync(StandInCluster cluster)
    {
        foreach (var member in cluster.Members)
        {
            member.Tell(goal => goal);
        }

        foreach (var member in cluster.Members)
        {
            await member.SeenAsync(report => report is { Mongod.Up: true, Mongod.Role: MemberRole.NoSet }, "mongod is up without a set");
        }

        var first = cluster.Members[0];
        await first.OperateAsync(new NodeOp("initiate", NodeOpKind.Initiate, 60, 60));
        foreach (var member in cluster.Members.Skip(1))
        {
            await first.OperateAsync(new NodeOp($"admit-{member.Host}", NodeOpKind.AdmitMember, 60, 60) { Member = member.Host });
            await member.SeenAsync(report => report.Mongod.Role == MemberRole.Secondary, "the new member is a secondary");
        }

        await first.SeenAsync(report => report.Mongod.HealthyMembers.Length == 3, "all are healthy");
    }

    private static NodeOp Resync(StandInCluster cluster, StandInCluster.Member member, string id) => new(id, NodeOpKind.WipeAndResync, 60, 120)
    {
        Peers = [.. cluster.Members.Where(other => other != member).Select(other => other.Host)],
        TargetEncryption = EncryptionMode.Aes256Gcm,
    };

    private static bool IsInFiles(StandInCluster.Member member)
    {
        var wanted = System.Text.Encoding.UTF8.GetBytes(Marker);
        return Directory.EnumerateFiles(Path.Combine(member.Folder, "db"), "*", SearchOption.AllDirectories)
            .Any(file => Read(file).AsSpan().IndexOf(wanted) >= 0);
    }

    // The server holds its files open and may share or lock them.
    private static byte[] Read(string file)
    {
        using var process = Process.Start(new ProcessStartInfo("cat", [file]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        using var content = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(content);
        process.WaitForExit();
        return content.ToArray();
    }

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
