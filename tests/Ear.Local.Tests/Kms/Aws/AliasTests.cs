using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;

namespace Ear.Local.Tests.Kms.Aws;

/// <summary>Keys by other names, and ciphertexts that move from one key to another.</summary>
public sealed class AliasTests
{
    private const string Arn = "arn:aws:kms:us-east-1:111122223333:alias/orders";

    [Theory]
    [InlineData("alias/orders")]
    [InlineData(Arn)]
    public async Task An_alias_stands_for_its_key_everywhere_and_can_be_pointed_elsewhere(string name)
    {
        await using var world = await KmsWorld.StartAsync();
        var (first, second) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var customer = world.Customer();
        await customer.CreateAliasAsync(new CreateAliasRequest { AliasName = "alias/orders", TargetKeyId = first });

        var wrapped = await customer.EncryptAsync(new EncryptRequest { KeyId = name, Plaintext = Streams.Of("x") });
        Assert.Equal(first, wrapped.KeyId);
        Assert.Equal(first, (await customer.DescribeKeyAsync(name)).KeyMetadata.Arn);
        Assert.Equal("x", (await customer.DecryptAsync(new DecryptRequest { KeyId = name, CiphertextBlob = wrapped.CiphertextBlob })).Plaintext.Text());

        await customer.UpdateAliasAsync(new UpdateAliasRequest { AliasName = "alias/orders", TargetKeyId = second });
        await world.RestartAsync();
        Assert.Equal(second, (await customer.DescribeKeyAsync(name)).KeyMetadata.Arn);
        await Assert.ThrowsAsync<IncorrectKeyException>(() => customer.DecryptAsync(new DecryptRequest { KeyId = name, CiphertextBlob = wrapped.CiphertextBlob }));
    }

    [Fact]
    public async Task Aliases_are_listed_are_unique_and_go_away()
    {
        await using var world = await KmsWorld.StartAsync();
        var (key, other) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var customer = world.Customer();
        await customer.CreateAliasAsync(new CreateAliasRequest { AliasName = "alias/orders", TargetKeyId = key });
        await customer.CreateAliasAsync(new CreateAliasRequest { AliasName = "alias/other", TargetKeyId = other });

        await Assert.ThrowsAsync<AlreadyExistsException>(() => customer.CreateAliasAsync(new CreateAliasRequest { AliasName = "alias/orders", TargetKeyId = other }));
        Assert.Equal(2, (await customer.ListAliasesAsync(new ListAliasesRequest())).Aliases.Count);
        var listed = Assert.Single((await customer.ListAliasesAsync(new ListAliasesRequest { KeyId = key })).Aliases);
        Assert.Equal((Arn, "alias/orders"), (listed.AliasArn, listed.AliasName));
        Assert.EndsWith(listed.TargetKeyId, key);

        await customer.DeleteAliasAsync(new DeleteAliasRequest { AliasName = "alias/orders" });
        var gone = await Assert.ThrowsAsync<NotFoundException>(() => customer.DescribeKeyAsync("alias/orders"));
        Assert.Equal($"Alias {Arn} is not found.", gone.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => customer.DeleteAliasAsync(new DeleteAliasRequest { AliasName = "alias/orders" }));
    }

    [Theory]
    [InlineData("orders", "ValidationException")]
    [InlineData("alias/aws/mine", "InvalidAliasNameException")]
    public async Task A_name_that_cannot_be_an_alias_is_refused(string name, string code)
    {
        await using var world = await KmsWorld.StartAsync();
        var key = await world.NewKeyAsync();
        using var customer = world.Customer();

        Assert.Equal(code, (await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(() =>
            customer.CreateAliasAsync(new CreateAliasRequest { AliasName = name, TargetKeyId = key }))).ErrorCode);
    }

    [Fact]
    public async Task A_ciphertext_moves_to_another_key_and_context_without_being_seen()
    {
        await using var world = await KmsWorld.StartAsync();
        var (from, to) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var customer = world.Customer();
        var (old, @new) = (new Dictionary<string, string> { ["a"] = "1" }, new Dictionary<string, string> { ["b"] = "2" });
        var wrapped = await customer.EncryptAsync(new EncryptRequest { KeyId = from, Plaintext = Streams.Of("moves"), EncryptionContext = old });

        var moved = await customer.ReEncryptAsync(new ReEncryptRequest
        {
            CiphertextBlob = wrapped.CiphertextBlob,
            SourceKeyId = from,
            SourceEncryptionContext = old,
            DestinationKeyId = to,
            DestinationEncryptionContext = @new,
        });

        Assert.Equal((from, to), (moved.SourceKeyId, moved.KeyId));
        Assert.Equal("moves", (await customer.DecryptAsync(new DecryptRequest { KeyId = to, CiphertextBlob = moved.CiphertextBlob, EncryptionContext = @new })).Plaintext.Text());
        await Assert.ThrowsAsync<InvalidCiphertextException>(() => customer.ReEncryptAsync(new ReEncryptRequest { CiphertextBlob = wrapped.CiphertextBlob, DestinationKeyId = to }));
        await customer.DisableKeyAsync(new DisableKeyRequest { KeyId = from });
        await Assert.ThrowsAsync<DisabledException>(() => customer.ReEncryptAsync(new ReEncryptRequest { CiphertextBlob = wrapped.CiphertextBlob, SourceEncryptionContext = old, DestinationKeyId = to }));
    }

    [Fact]
    public async Task A_multi_region_key_is_named_as_one_and_works()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync(new CreateKeyRequest { MultiRegion = true });
        using var customer = world.Customer();

        var metadata = (await customer.DescribeKeyAsync(arn)).KeyMetadata;
        Assert.Matches("^mrk-[0-9a-f]{32}$", metadata.KeyId);
        Assert.Equal((true, MultiRegionKeyType.PRIMARY), (metadata.MultiRegion, metadata.MultiRegionConfiguration.MultiRegionKeyType));
        var wrapped = await customer.EncryptAsync(new EncryptRequest { KeyId = metadata.KeyId, Plaintext = Streams.Of("x") });
        Assert.Equal("x", (await customer.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob })).Plaintext.Text());
    }
}
