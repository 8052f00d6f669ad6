using System.Security.Cryptography;
using Ear.Nodes;

namespace Ear.Tests.Nodes;

public sealed class NodeEnrolmentTests
{
    [Fact]
    public async Task A_token_is_good_for_one_key_and_its_lost_answer_is_given_again()
    {
        var node = await EnrolledNode.MakeAsync(enrolled: false);
        var first = await node.EnrolAsync();
        var again = await node.EnrolAsync();

        Assert.NotNull(first.Value);
        Assert.Equal(first.Value, again.Value);
        Assert.Equal(AgentFault.AlreadyUsed, (await node.EnrolAsync(publicKey: OtherKey())).Fault);
        Assert.Equal(node.PublicKey, (await node.NodeAsync()).AgentKey);
    }

    [Fact]
    public async Task A_wrong_or_expired_token_is_refused_and_changes_nothing()
    {
        var node = await EnrolledNode.MakeAsync(enrolled: false);
        Assert.Equal(AgentFault.Unauthorized, (await node.EnrolAsync(token: "guessed")).Fault);
        node.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(AgentFault.Unauthorized, (await node.EnrolAsync()).Fault);
        Assert.Null((await node.NodeAsync()).AgentKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    public async Task A_key_that_is_no_P256_key_is_refused(string publicKey)
        => Assert.Equal(AgentFault.Malformed, (await (await EnrolledNode.MakeAsync(enrolled: false)).EnrolAsync(publicKey: publicKey)).Fault);

    [Fact]
    public async Task The_store_holds_no_token()
        => Assert.DoesNotContain(EnrolledNode.Token, System.Text.Json.JsonSerializer.Serialize(await (await EnrolledNode.MakeAsync()).NodeAsync(), EarJson.Options));

    private static string OtherKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }
}
