using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;

namespace Ear.Local.Tests.Kms.Aws;

public sealed class EncryptionTests
{
    private static readonly Dictionary<string, string> Context = new() { ["projectId"] = "p1", ["keyPurpose"] = "node-master-key" };

    [Fact]
    public async Task What_was_encrypted_is_decrypted_under_the_same_context_and_names_its_key_and_material()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();

        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("secret"), EncryptionContext = Context });
        var opened = await ear.DecryptAsync(new DecryptRequest { KeyId = arn, CiphertextBlob = wrapped.CiphertextBlob, EncryptionContext = Context });

        Assert.Equal("secret", opened.Plaintext.Text());
        Assert.Equal(arn, wrapped.KeyId);
        Assert.Equal(arn, opened.KeyId);
        var described = await ear.DescribeKeyAsync(arn);
        Assert.Equal(described.KeyMetadata.CurrentKeyMaterialId, opened.KeyMaterialId);
        Assert.Equal(KeyState.Enabled, described.KeyMetadata.KeyState);
    }

    [Fact]
    public async Task Another_context_or_a_changed_byte_is_an_invalid_ciphertext()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();
        var wrapped = (await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("secret"), EncryptionContext = Context })).CiphertextBlob.ToArray();

        await Assert.ThrowsAsync<InvalidCiphertextException>(() => ear.DecryptAsync(new DecryptRequest { CiphertextBlob = new MemoryStream(wrapped) }));
        foreach (var index in (int[])[0, 20, 60, wrapped.Length - 1])
        {
            var changed = wrapped.ToArray();
            changed[index] ^= 1;
            var refused = await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(() =>
                ear.DecryptAsync(new DecryptRequest { KeyId = arn, CiphertextBlob = new MemoryStream(changed), EncryptionContext = Context }));
            Assert.Contains(refused.ErrorCode, (string[])["InvalidCiphertextException", "IncorrectKeyException", "AccessDeniedException"]);
        }
    }

    [Fact]
    public async Task A_pinned_key_that_did_not_encrypt_is_the_incorrect_key()
    {
        await using var world = await KmsWorld.StartAsync();
        var (first, second) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        using var ear = await world.EarAsync();
        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = first, Plaintext = Streams.Of("secret") });

        await Assert.ThrowsAsync<IncorrectKeyException>(() => ear.DecryptAsync(new DecryptRequest { KeyId = second, CiphertextBlob = wrapped.CiphertextBlob }));
    }

    [Fact]
    public async Task Four_kilobytes_are_encrypted_and_one_byte_more_is_not()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();

        var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = new MemoryStream(new byte[4096]) });
        var opened = await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob });
        Assert.Equal(4096, opened.Plaintext.Length);

        var refused = await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() =>
            ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = new MemoryStream(new byte[4097]) }));
        Assert.Equal("ValidationException", refused.ErrorCode);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_data_key_comes_with_its_ciphertext_and_without_plaintext_when_not_asked_for()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();

        var pair = await ear.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = arn, KeySpec = DataKeySpec.AES_256, EncryptionContext = Context });
        var opened = await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = pair.CiphertextBlob, EncryptionContext = Context });
        var sealedOnly = await ear.GenerateDataKeyWithoutPlaintextAsync(new GenerateDataKeyWithoutPlaintextRequest { KeyId = arn, NumberOfBytes = 64 });
        var sealedOpened = await ear.DecryptAsync(new DecryptRequest { CiphertextBlob = sealedOnly.CiphertextBlob });

        Assert.Equal(pair.Plaintext.ToArray(), opened.Plaintext.ToArray());
        Assert.Equal(32, pair.Plaintext.Length);
        Assert.Equal(64, sealedOpened.Plaintext.Length);
        Assert.False(string.IsNullOrEmpty(pair.KeyMaterialId));
    }

    [Fact]
    public async Task A_dry_run_yields_nothing_but_the_answer_that_it_would_have_worked()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var ear = await world.EarAsync();

        await Assert.ThrowsAsync<DryRunOperationException>(() => ear.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x"), DryRun = true }));
    }

    [Fact]
    public async Task Sixty_four_clients_at_once_each_get_their_own_answer()
    {
        await using var world = await KmsWorld.StartAsync();
        var arns = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.NewKeyAsync()));
        using var ear = await world.EarAsync();

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async client =>
        {
            for (var round = 0; round < 10; round++)
            {
                var text = $"secret {client} {round}";
                var context = new Dictionary<string, string> { ["client"] = $"{client}" };
                var wrapped = await ear.EncryptAsync(new EncryptRequest { KeyId = arns[client % arns.Length], Plaintext = Streams.Of(text), EncryptionContext = context });
                var opened = await ear.DecryptAsync(new DecryptRequest { KeyId = arns[client % arns.Length], CiphertextBlob = wrapped.CiphertextBlob, EncryptionContext = context });
                Assert.Equal(text, opened.Plaintext.Text());
            }
        }));
    }
}
