using System.Security.Cryptography;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Nodes;

/// <summary>A project with a key, an encrypted cluster, and one node of it, in memory.</summary>
internal sealed class EnrolledNode : IReportListener
{
    public const string Token = "one-time-token";

    private readonly ECDiffieHellman _agent = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    private EnrolledNode()
    {
        Key = new(KeyProvider.Aws, Time);
        Sealing = new(Store);
        Enrolment = new(Store, Sealing, this, Time);
        Reports = new(Store, this, Time);
        Polls = new(Store, Reports, Bell, Time);
        Keys = new(Store, Store, Store, [Key], Sealing);
    }

    public static NodeId Id { get; } = NodeId.FromValid("111111111111111111111111");

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public InMemoryStore Store { get; } = new();

    public FakeCustomerKey Key { get; }

    public GoalBell Bell { get; } = new();

    public SealingKey Sealing { get; }

    public NodeEnrolment Enrolment { get; }

    public NodeReports Reports { get; }

    public NodePolls Polls { get; }

    public NodeKeys Keys { get; }

    public int Told { get; private set; }

    public string PublicKey => Convert.ToBase64String(_agent.ExportSubjectPublicKeyInfo());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EnrolledNode> MakeAsync(bool enrolled = true)
    {
        var made = new EnrolledNode();
        await ConfiguredProject.SaveAsync(made.Store, made.Key, made.Time);
        var cluster = new Cluster(ClusterId.FromValid("222222222222222222222222"), ConfiguredProject.Id, ClusterName.Parse("orders", null), made.Time.GetUtcNow(), new ClusterSpec(KeyProvider.Aws, "M10", 3));
        await made.Store.SaveAsync(cluster, 0, [], Cancellation);
        var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.Aes256Gcm, "M10", "rs", GoalVerdict.Valid, made.Time.GetUtcNow());
        var node = new Node(Id, ConfiguredProject.Id, cluster.Ref, 0, goal)
        {
            Enrolment = new(NodeProvisioning.Sha256(Token), made.Time.GetUtcNow() + NodeProvisioning.TokenLife),
        };
        await made.Store.SaveAsync(node, 0, [], Cancellation);
        if (enrolled)
            Assert.Null((await made.EnrolAsync()).Fault);
        return made;
    }

    public Task<AgentReply<EnrolAnswer>> EnrolAsync(string token = Token, string? publicKey = null)
        => Enrolment.EnrolAsync(new(ConfiguredProject.Id.Value, Id.Value, token, publicKey ?? PublicKey, "host0:27017"), Cancellation);

    public async Task<Node> NodeAsync() => (await Store.FindAsync(ConfiguredProject.Id, Id, Cancellation))!.Document;

    public async Task ChangeAsync(Func<Node, Node> change)
    {
        var (node, version) = (await Store.FindAsync(ConfiguredProject.Id, Id, Cancellation))!;
        Assert.True((await Store.SaveAsync(change(node), version, [], Cancellation)).Saved);
    }

    public async Task<AgentReply<WrapAnswer>> WrapAsync(string keyId, byte[] key, string? sealedFor = null)
    {
        var recipient = SealedBox.ImportPublicKey(await Sealing.PublicKeyAsync(Cancellation));
        return await Keys.WrapAsync(ConfiguredProject.Id, Id, new(keyId, SealedBox.Seal(key, recipient, AgentApi.KeyPurpose(Id, sealedFor ?? keyId))), Cancellation);
    }

    public Task<AgentReply<UnwrapAnswer>> UnwrapAsync(string keyId) => Keys.UnwrapAsync(ConfiguredProject.Id, Id, new(keyId), Cancellation);

    public Task<AgentReply<ReturnAnswer>> ReturnAsync(WrapAnswer kept) => Keys.ReturnAsync(ConfiguredProject.Id, Id, kept, Cancellation);

    public byte[] Open(UnwrapAnswer answer) => SealedBox.Open(answer.Sealed, _agent, AgentApi.KeyPurpose(Id, answer.KeyId));

    public static NodeReport Report(long sequence = 1, MemberRole role = MemberRole.Secondary, double? lag = 0) => new(
        "1", "boot", sequence, 1, "host0:27017", new(true, 1, "8.0", role, lag, null, ["host0:27017"]), EncryptionMode.Aes256Gcm, null, "M10", GoalVerdict.Valid);

    Task IReportListener.ReportedAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        Told++;
        return Task.CompletedTask;
    }
}
