using Ear.Agent.Kmip;
using Ear.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Agent.Tests.Kmip;

public sealed class KmipBridgeTests
{
    private static readonly KmipVersion Percona = new(1, 0);
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly FakeNodeKeys keys = new();
    private readonly KmipBridge bridge;

    public KmipBridgeTests() => bridge = new KmipBridge(new KmipOperations(keys), new FakeTimeProvider());

    public static TheoryData<int> MinorVersions => [0, 1, 2, 3, 4];

    [Theory, MemberData(nameof(MinorVersions))]
    public async Task A_registered_key_is_active_and_comes_back_in_the_version_of_the_request(int minor)
    {
        var version = new KmipVersion(1, minor);
        var registered = await AskAsync(version, KmipOperation.Register, Requests.Register(Key));
        var id = Reply.Succeeded(registered.Only, KmipOperation.Register).Require(KmipTag.UniqueIdentifier).Text();
        Assert.Equal(version, registered.Version);
        Assert.Equal(Key, keys.Plaintext(id));

        var activated = await AskAsync(version, KmipOperation.Activate, Requests.Id(id));
        Assert.Equal(id, Reply.Succeeded(activated.Only, KmipOperation.Activate).Require(KmipTag.UniqueIdentifier).Text());

        Assert.Equal(KmipValues.StateActive, await StateAsync(version, id));

        var got = Reply.Succeeded((await AskAsync(version, KmipOperation.Get, Requests.Id(id))).Only, KmipOperation.Get);
        Assert.Equal(KmipValues.ObjectTypeSymmetricKey, got.Require(KmipTag.ObjectType).Int32());
        var block = got.Require(KmipTag.SymmetricKey).Require(KmipTag.KeyBlock);
        Assert.Equal(KmipValues.KeyFormatRaw, block.Require(KmipTag.KeyFormatType).Int32());
        Assert.Null(block.Find(KmipTag.KeyWrappingData));
        Assert.Equal(Key, block.Require(KmipTag.KeyValue).Require(KmipTag.KeyMaterial).Bytes().ToArray());
    }

    [Fact]
    public async Task A_created_key_is_32_fresh_bytes()
    {
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var created = await AskAsync(new KmipVersion(1, 2), KmipOperation.Create, Requests.Create(256));
            ids.Add(Reply.Succeeded(created.Only, KmipOperation.Create).Require(KmipTag.UniqueIdentifier).Text());
        }

        Assert.Equal(32, keys.Plaintext(ids[0]).Length);
        Assert.NotEqual(keys.Plaintext(ids[0]), keys.Plaintext(ids[1]));
    }

    [Fact]
    public async Task A_revoked_customer_key_is_Deactivated_and_its_bytes_are_denied()
    {
        keys.Add("1", Key);
        keys.CustomerKeyInvalid = true;

        Assert.Equal(KmipValues.StateDeactivated, await StateAsync(Percona, "1"));
        Reply.Failed((await AskAsync(Percona, KmipOperation.Get, Requests.Id("1"))).Only, KmipOperation.Get, KmipReason.PermissionDenied);
        Reply.Failed((await AskAsync(Percona, KmipOperation.Register, Requests.Register(Key))).Only, KmipOperation.Register, KmipReason.PermissionDenied);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("an id that this agent has not seen")]
    public async Task An_outage_is_a_general_failure_and_never_ItemNotFound(string id)
    {
        keys.Add("1", Key);
        keys.Outage = true;

        Reply.Failed((await AskAsync(Percona, KmipOperation.Get, Requests.Id(id))).Only, KmipOperation.Get, KmipReason.GeneralFailure);
        Reply.Failed((await AskAsync(Percona, KmipOperation.Register, Requests.Register(Key))).Only, KmipOperation.Register, KmipReason.GeneralFailure);
    }

    [Fact]
    public async Task An_outage_leaves_a_known_key_Active()
    {
        keys.Add("1", Key);
        keys.Outage = true;

        Assert.Equal(KmipValues.StateActive, await StateAsync(Percona, "1"));
    }

    [Fact]
    public async Task Before_any_verdict_was_heard_the_state_is_a_general_failure()
    {
        keys.Add("1", Key);
        keys.VerdictHeard = false;

        var reply = await AskAsync(Percona, KmipOperation.GetAttributes, Requests.StateOf("1"));
        Reply.Failed(reply.Only, KmipOperation.GetAttributes, KmipReason.GeneralFailure);
    }

    [Fact]
    public async Task An_id_this_node_never_registered_is_ItemNotFound()
    {
        Reply.Failed((await AskAsync(Percona, KmipOperation.Get, Requests.Id("nosuch"))).Only, KmipOperation.Get, KmipReason.ItemNotFound);
        Reply.Failed((await AskAsync(Percona, KmipOperation.GetAttributes, Requests.StateOf("nosuch"))).Only, KmipOperation.GetAttributes, KmipReason.ItemNotFound);
        Reply.Failed((await AskAsync(Percona, KmipOperation.Activate, Requests.Id("nosuch"))).Only, KmipOperation.Activate, KmipReason.ItemNotFound);
    }

    [Theory]
    [InlineData(0x13)] // Revoke
    [InlineData(0x14)] // Destroy: a node key is never destroyed from here (I4)
    [InlineData(0x7777)]
    public async Task An_operation_the_bridge_does_not_know_is_refused_and_echoed(int operation)
    {
        keys.Add("1", Key);
        var reply = await AskAsync(Percona, (KmipOperation)operation, Requests.Id("1"));
        Reply.Failed(reply.Only, (KmipOperation)operation, KmipReason.OperationNotSupported);
        Assert.Equal(Key, keys.Plaintext("1"));
    }

    [Fact]
    public async Task Key_sizes_other_than_256_bits_are_refused()
    {
        Reply.Failed((await AskAsync(Percona, KmipOperation.Create, Requests.Create(128))).Only, KmipOperation.Create, KmipReason.InvalidField);
        Reply.Failed((await AskAsync(Percona, KmipOperation.Register, Requests.Register([1, 2, 3]))).Only, KmipOperation.Register, KmipReason.InvalidField);
        Assert.Empty(keys.Registered);
    }

    [Fact]
    public async Task A_batch_carries_the_new_id_to_its_next_item()
    {
        using var reply = await bridge.AnswerAsync(
            Requests.Message(new KmipVersion(1, 4), (KmipOperation.Register, Requests.Register(Key)), (KmipOperation.Activate, _ => { }
        ), (KmipOperation.Get, _ => { }
        )),
            TestContext.Current.CancellationToken);

        var items = new Reply(reply.Bytes).Items;
        Assert.Equal(3, items.Count);
        Assert.Equal([2], items[2].Require(KmipTag.UniqueBatchItemId).Bytes().ToArray());
        Reply.Succeeded(items[2], KmipOperation.Get);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(KmipValues.BatchContinue, 2)]
    public async Task A_failed_batch_item_stops_the_batch_unless_it_says_continue(int? option, int answered)
    {
        keys.Add("1", Key);
        using var reply = await bridge.AnswerAsync(
            Requests.Message(Percona, option, null, (KmipOperation.Get, Requests.Id("nosuch")), (KmipOperation.Get, Requests.Id("1"))),
            TestContext.Current.CancellationToken);

        var items = new Reply(reply.Bytes).Items;
        Assert.Equal(answered, items.Count);
        Reply.Failed(items[0], KmipOperation.Get, KmipReason.ItemNotFound);
    }

    [Fact]
    public async Task A_reply_larger_than_asked_for_is_not_sent()
    {
        keys.Add("1", Key);
        using var reply = await bridge.AnswerAsync(Requests.Message(Percona, null, 64, (KmipOperation.Get, Requests.Id("1"))), TestContext.Current.CancellationToken);
        Assert.Equal((int)KmipReason.ResponseTooLarge, new Reply(reply.Bytes).Only.Require(KmipTag.ResultReason).Int32());
    }

    [Fact]
    public async Task DiscoverVersions_lists_1_4_down_to_1_0_or_what_both_speak()
    {
        var all = Reply.Succeeded((await AskAsync(new KmipVersion(1, 1), KmipOperation.DiscoverVersions, _ => { })).Only, KmipOperation.DiscoverVersions);
        Assert.Equal(KmipVersion.Supported, all.Children().Select(KmipVersion.From));

        var common = await AskAsync(new KmipVersion(1, 1), KmipOperation.DiscoverVersions, writer =>
        {
            new KmipVersion(2, 0).Write(writer);
            new KmipVersion(1, 2).Write(writer);
        });
        Assert.Equal([new KmipVersion(1, 2)], Reply.Succeeded(common.Only, KmipOperation.DiscoverVersions).Children().Select(KmipVersion.From));
    }

    [Fact]
    public async Task Query_names_the_operations_and_object_types()
    {
        var reply = await AskAsync(Percona, KmipOperation.Query, writer =>
        {
            writer.Enumeration(KmipTag.QueryFunction, KmipValues.QueryOperations);
            writer.Enumeration(KmipTag.QueryFunction, KmipValues.QueryObjects);
        });
        var children = Reply.Succeeded(reply.Only, KmipOperation.Query).Children();
        Assert.Contains(children, child => child.Tag == KmipTag.Operation && child.Int32() == (int)KmipOperation.Register);
        Assert.Contains(children, child => child.Tag == KmipTag.ObjectType && child.Int32() == KmipValues.ObjectTypeSymmetricKey);
    }

    [Fact]
    public async Task Locate_finds_this_nodes_keys_and_nothing_by_other_filters()
    {
        keys.Add("1", Key);
        keys.Add("2", Key);

        Assert.Equal(["1", "2"], await LocateAsync(_ => { }));
        Assert.Equal(["1"], await LocateAsync(writer => writer.Integer(KmipTag.MaximumItems, 1)));
        Assert.Equal(["1", "2"], await LocateAsync(writer => Requests.Attribute(writer, "State", value => value.Enumeration(KmipTag.AttributeValue, KmipValues.StateActive))));
        Assert.Empty(await LocateAsync(writer => Requests.Attribute(writer, "Name", value => value.Text(KmipTag.AttributeValue, "1"))));
    }

    [Fact]
    public async Task Bytes_that_are_no_request_are_InvalidMessage_and_close_the_connection()
    {
        var good = Requests.Message(Percona, (KmipOperation.Get, Requests.Id("1")));
        byte[][] bad =
        [
            [], [1, 2, 3], good[..^1], [.. good, 0], new byte[64],
            With(good, 0, 0x00), // another tag
            With(good, 11, 0x63), // an unknown type inside
            With(good, 15, 0xF0), // a header longer than the message
            With(good, 4, 0xFF), // a length near 2^32
            Requests.Message(new KmipVersion(2, 0), (KmipOperation.Get, Requests.Id("1"))),
        ];
        foreach (var bytes in bad)
        {
            using var reply = await bridge.AnswerAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(reply.Close, Convert.ToHexString(bytes));
            Assert.Equal((int)KmipReason.InvalidMessage, new Reply(reply.Bytes).Only.Require(KmipTag.ResultReason).Int32());
        }
    }

    [Fact]
    public async Task Any_single_changed_byte_gets_a_well_formed_answer()
    {
        keys.Add("1", Key);
        var good = Requests.Message(Percona, (KmipOperation.Register, Requests.Register(Key)));
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var value in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF })
            {
                using var reply = await bridge.AnswerAsync(With(good, at, value), TestContext.Current.CancellationToken);
                _ = new Reply(reply.Bytes);
            }
        }
    }

    [Fact]
    public void A_reply_with_a_key_is_zeroed_when_disposed()
    {
        var writer = new TtlvWriter();
        writer.Bytes(KmipTag.KeyMaterial, Key);
        var seen = writer.Written;
        writer.Dispose();
        Assert.All(seen.ToArray(), value => Assert.Equal(0, value));
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var changed = bytes.ToArray();
        changed[at] = value;
        return changed;
    }

    private async Task<Reply> AskAsync(KmipVersion version, KmipOperation operation, Action<TtlvWriter> payload)
    {
        using var reply = await bridge.AnswerAsync(Requests.Message(version, (operation, payload)), TestContext.Current.CancellationToken);
        Assert.False(reply.Close);
        return new Reply(reply.Bytes);
    }

    private async Task<int> StateAsync(KmipVersion version, string id)
    {
        var payload = Reply.Succeeded((await AskAsync(version, KmipOperation.GetAttributes, Requests.StateOf(id))).Only, KmipOperation.GetAttributes);
        Assert.Equal(id, payload.Require(KmipTag.UniqueIdentifier).Text());
        var attribute = payload.Require(KmipTag.Attribute);
        Assert.Equal("State", attribute.Require(KmipTag.AttributeName).Text());
        var value = attribute.Require(KmipTag.AttributeValue);
        Assert.Equal(TtlvType.Enumeration, value.Type);
        return value.Int32();
    }

    private async Task<IEnumerable<string>> LocateAsync(Action<TtlvWriter> payload) =>
        Reply.Succeeded((await AskAsync(Percona, KmipOperation.Locate, payload)).Only, KmipOperation.Locate).Children().Select(child => child.Text());
}
