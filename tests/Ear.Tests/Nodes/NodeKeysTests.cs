using System.Text;
using System.Text.Json;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Nodes;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;

namespace Ear.Tests.Nodes;

public sealed class NodeKeysTests
{
    private const string KeyId = "0b5a3a2e-0000-4000-8000-000000000001";
    private static readonly byte[] MasterKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task A_wrapped_key_is_stored_before_the_answer_and_comes_back_as_it_was()
    {
        var node = await EnrolledNode.MakeAsync();
        var wrapped = (await node.WrapAsync(KeyId, MasterKey)).Value!;

        Assert.Equal("AWS", wrapped.Provider);
        Assert.Equal(wrapped.Ciphertext, (await node.NodeAsync()).MasterKeys[KeyId].Ciphertext);
        Assert.Equal(MasterKey, node.Open((await node.UnwrapAsync(KeyId)).Value!));
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_save_is_given_again()
    {
        var node = await EnrolledNode.MakeAsync();
        node.Store.Fault = point =>
        {
            if (point is SavePoint.AfterCommit)
                throw new IOException("The answer got lost.");
        };
        await Assert.ThrowsAsync<IOException>(() => node.WrapAsync(KeyId, MasterKey));
        node.Store.Fault = null;

        var again = (await node.WrapAsync(KeyId, MasterKey)).Value!;
        Assert.Equal((await node.NodeAsync()).MasterKeys[KeyId].Ciphertext, again.Ciphertext);
    }

    [Fact]
    public async Task Another_key_under_the_same_id_is_refused_and_the_first_one_stays()
    {
        var node = await EnrolledNode.MakeAsync();
        await node.WrapAsync(KeyId, MasterKey);

        Assert.Equal(AgentFault.AlreadyUsed, (await node.WrapAsync(KeyId, new byte[32])).Fault);
        Assert.Equal(MasterKey, node.Open((await node.UnwrapAsync(KeyId)).Value!));
    }

    [Fact]
    public async Task A_box_that_was_sealed_for_another_key_id_does_not_open()
        => Assert.Equal(AgentFault.Malformed, (await (await EnrolledNode.MakeAsync()).WrapAsync(KeyId, MasterKey, sealedFor: "another")).Fault);

    [Fact]
    public async Task No_answer_about_the_key_is_unavailable_and_never_invalid()
    {
        var node = await EnrolledNode.MakeAsync();
        await node.WrapAsync(KeyId, MasterKey);
        foreach (var reason in Enum.GetValues<UnknownReason>())
        {
            node.Key.Say(ConfiguredProject.Key, new KeyVerdict.Unknown(reason, ""));
            Assert.Equal(AgentFault.Unavailable, (await node.UnwrapAsync(KeyId)).Fault);
            Assert.Equal(AgentFault.Unavailable, (await node.WrapAsync("0b5a3a2e-0000-4000-8000-000000000002", MasterKey)).Fault);
        }
    }

    [Fact]
    public async Task An_invalid_key_is_refused_and_one_that_was_shut_down_is_not_even_asked()
    {
        var node = await EnrolledNode.MakeAsync();
        await node.WrapAsync(KeyId, MasterKey);
        node.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"));
        Assert.Equal(AgentFault.KeyInvalid, (await node.UnwrapAsync(KeyId)).Fault);

        await ShutDownAsync(node);
        node.Key.Say(ConfiguredProject.Key, new KeyVerdict.Valid());
        Assert.Equal(AgentFault.KeyInvalid, (await node.UnwrapAsync(KeyId)).Fault);
    }

    [Fact]
    public async Task A_key_that_the_node_never_had_is_not_found()
        => Assert.Equal(AgentFault.KeyNotFound, (await (await EnrolledNode.MakeAsync()).UnwrapAsync(KeyId)).Fault);

    [Fact]
    public async Task A_removed_node_gets_no_key()
    {
        var node = await EnrolledNode.MakeAsync();
        await node.WrapAsync(KeyId, MasterKey);
        await node.ChangeAsync(n => n with { Removed = true });

        Assert.Equal(AgentFault.Removed, (await node.UnwrapAsync(KeyId)).Fault);
        Assert.True((await node.NodeAsync()).MasterKeys.ContainsKey(KeyId), "I4: the wrapped key went with the node.");
    }

    [Fact]
    public async Task A_key_that_a_restored_store_lacks_is_taken_back_from_the_agent_that_kept_it()
    {
        var node = await EnrolledNode.MakeAsync();
        var kept = (await node.WrapAsync(KeyId, MasterKey)).Value!;
        var before = (await node.NodeAsync()).MasterKeys[KeyId];
        await node.ChangeAsync(n => n with { MasterKeys = n.MasterKeys.Clear() });
        Assert.Equal(AgentFault.KeyNotFound, (await node.UnwrapAsync(KeyId)).Fault);

        Assert.Equal(KeyId, (await node.ReturnAsync(kept)).Value!.KeyId);

        Assert.Equal(JsonSerializer.Serialize(before, EarJson.Options), JsonSerializer.Serialize((await node.NodeAsync()).MasterKeys[KeyId], EarJson.Options));
        Assert.Equal(MasterKey, node.Open((await node.UnwrapAsync(KeyId)).Value!));
    }

    [Fact]
    public async Task What_the_customers_key_does_not_prove_is_not_taken()
    {
        var node = await EnrolledNode.MakeAsync();
        var kept = (await node.WrapAsync(KeyId, MasterKey)).Value!;
        await node.ChangeAsync(n => n with { MasterKeys = n.MasterKeys.Clear() });

        foreach (var wrong in new[]
        {
            kept with { KeyId = "no-uuid" }, kept with { Provider = "OTHER" }, kept with { Ciphertext = [] }, kept with { KeyIdentifier = "" }, kept with { Ciphertext = new byte[4096] }, kept with { KeyVersion = "../.." },
            kept with { KeyIdentifier = "arn:aws:kms:evil.example/:111122223333:key/k" }, kept with { Provider = "AZURE", KeyIdentifier = "http://vault.vault.azure.net/keys/k/0" },
            kept with { Provider = "GCP", KeyIdentifier = "orders-key" }, kept with { ContextDigest = "another node's" },
        })
            Assert.Equal(AgentFault.Malformed, (await node.ReturnAsync(wrong)).Fault);
        Assert.NotNull((await node.ReturnAsync(kept with { Ciphertext = [.. kept.Ciphertext[..^1], (byte)(kept.Ciphertext[^1] ^ 1)] })).Fault);
        node.Key.Say(ConfiguredProject.Key, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, ""));
        Assert.Equal(AgentFault.Unavailable, (await node.ReturnAsync(kept)).Fault);
        node.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"));
        Assert.Equal(AgentFault.KeyInvalid, (await node.ReturnAsync(kept)).Fault);

        Assert.Empty((await node.NodeAsync()).MasterKeys);
    }

    [Theory]
    [InlineData(KeyProvider.Aws, "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", "9c1e")]
    [InlineData(KeyProvider.Aws, "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "")]
    [InlineData(KeyProvider.Azure, "https://orders.vault.azure.net/keys/orders/0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")]
    [InlineData(KeyProvider.Azure, "https://127.0.0.1:8443/keys/orders/0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")]
    [InlineData(KeyProvider.Gcp, "projects/example.com:p-1/locations/europe-west1/keyRings/r_1/cryptoKeys/k/cryptoKeyVersions/12", "12")]
    [InlineData(KeyProvider.Gcp, "projects/p/locations/global/keyRings/r/cryptoKeys/k", "1")]
    public void What_providers_wrap_is_of_the_form_that_is_taken_back(KeyProvider provider, string identifier, string version)
        => Assert.True(WrappedKeyForm.IsMet(new(provider, identifier, version, "digest", new byte[512])));

    [Fact]
    public async Task A_key_that_is_known_stays_as_it_is_whatever_is_given_back_under_its_id()
    {
        var node = await EnrolledNode.MakeAsync();
        var kept = (await node.WrapAsync(KeyId, MasterKey)).Value!;

        Assert.Null((await node.ReturnAsync(kept with { Ciphertext = [9, 9, 9] })).Fault);
        Assert.Equal(kept.Ciphertext, (await node.NodeAsync()).MasterKeys[KeyId].Ciphertext);
        await node.ChangeAsync(n => n with { Removed = true });
        Assert.Equal(AgentFault.Removed, (await node.ReturnAsync(kept)).Fault);
    }

    [Fact]
    public async Task Neither_the_answers_nor_the_store_hold_the_plain_key()
    {
        var node = await EnrolledNode.MakeAsync();
        var wrapped = JsonSerializer.Serialize((await node.WrapAsync(KeyId, MasterKey)).Value, EarJson.Options);
        var unwrapped = JsonSerializer.Serialize((await node.UnwrapAsync(KeyId)).Value, EarJson.Options);
        var stored = JsonSerializer.Serialize(await node.NodeAsync(), EarJson.Options);

        var plain = Convert.ToBase64String(MasterKey);
        foreach (var text in new[] { wrapped, unwrapped, stored })
        {
            Assert.DoesNotContain(plain, text);
            Assert.DoesNotContain(Encoding.Latin1.GetString(MasterKey), text);
        }
    }

    private static async Task ShutDownAsync(EnrolledNode node)
    {
        var (project, version) = (await node.Store.FindAsync(ConfiguredProject.Id, TestContext.Current.CancellationToken))!;
        var standing = project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.ShutDown(node.Time.GetUtcNow());
        await node.Store.SaveAsync(project.With(KeyProvider.Aws, standing), version, [], TestContext.Current.CancellationToken);
    }
}
