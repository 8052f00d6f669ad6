using Ear.Local.Kms.Google;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Grpc.Core;
using Algorithm = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm;
using Purpose = Google.Cloud.Kms.V1.CryptoKey.Types.CryptoKeyPurpose;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>Encrypt and Decrypt by gRPC: versions, bound data, checksums, bounds.</summary>
public sealed class EncryptionTests
{
    // CRC-32C of "123456789", the check value that its catalogue gives.
    private const long Check = 0xE3069283;

    [Fact]
    public async Task What_was_encrypted_comes_back_and_the_answer_names_the_version_that_was_used()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();

        var encrypted = await world.EncryptAsync(key, "secret", "context");
        var decrypted = await world.DecryptAsync(key, encrypted.Ciphertext, "context");

        Assert.Equal(key + "/cryptoKeyVersions/1", encrypted.Name);
        Assert.DoesNotContain("secret", encrypted.Ciphertext.ToStringUtf8());
        Assert.Equal("secret", decrypted.Plaintext.ToStringUtf8());
        Assert.True(decrypted.UsedPrimary);
        Assert.Equal((ProtectionLevel.Software, ProtectionLevel.Software), (encrypted.ProtectionLevel, decrypted.ProtectionLevel));
        Assert.NotEqual(encrypted.Ciphertext, (await world.EncryptAsync(key, "secret", "context")).Ciphertext);
    }

    [Fact]
    public async Task Checksums_of_the_request_are_verified_and_those_of_the_answer_are_right()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var request = new EncryptRequest
        {
            Name = key,
            Plaintext = ByteString.CopyFromUtf8("123456789"),
            PlaintextCrc32C = Check,
            AdditionalAuthenticatedData = ByteString.CopyFromUtf8("123456789"),
            AdditionalAuthenticatedDataCrc32C = Check,
        };

        var encrypted = await world.Customer.EncryptAsync(request);
        Assert.True(encrypted.VerifiedPlaintextCrc32C);
        Assert.True(encrypted.VerifiedAdditionalAuthenticatedDataCrc32C);
        var decrypt = new DecryptRequest
        {
            Name = key,
            Ciphertext = encrypted.Ciphertext,
            CiphertextCrc32C = encrypted.CiphertextCrc32C,
            AdditionalAuthenticatedData = request.AdditionalAuthenticatedData,
            AdditionalAuthenticatedDataCrc32C = Check,
        };
        Assert.Equal(Check, (await world.Customer.DecryptAsync(decrypt)).PlaintextCrc32C);
        Assert.False((await world.EncryptAsync(key)).VerifiedPlaintextCrc32C);

        await Refused.WithAsync(StatusCode.InvalidArgument, "The checksum in field plaintext_crc32c did not match the data in field plaintext.",
            () => world.Customer.EncryptAsync(new EncryptRequest(request) { PlaintextCrc32C = Check + 1 }).ResponseAsync);
        await Refused.WithAsync(StatusCode.InvalidArgument, "The checksum in field additional_authenticated_data_crc32c did not match the data in field additional_authenticated_data.",
            () => world.Customer.EncryptAsync(new EncryptRequest(request) { AdditionalAuthenticatedDataCrc32C = 0 }).ResponseAsync);
        await Refused.WithAsync(StatusCode.InvalidArgument, "The checksum in field ciphertext_crc32c did not match the data in field ciphertext.",
            () => world.Customer.DecryptAsync(new DecryptRequest(decrypt) { CiphertextCrc32C = Check }).ResponseAsync);
    }

    [Fact]
    public async Task Other_bound_data_and_a_changed_ciphertext_are_refused_and_so_is_another_keys()
    {
        await using var world = await GoogleWorld.StartAsync();
        var (key, other) = (await world.NewKeyAsync("a"), await world.NewKeyAsync("b"));
        var encrypted = (await world.EncryptAsync(key, "secret", "context")).Ciphertext;
        var changed = encrypted.ToByteArray();
        changed[^1] ^= 1;

        const string invalid = "Decryption failed: the ciphertext is invalid.";
        await Refused.WithAsync(StatusCode.InvalidArgument, invalid, () => world.DecryptAsync(key, encrypted, "another"));
        await Refused.WithAsync(StatusCode.InvalidArgument, invalid, () => world.DecryptAsync(key, encrypted));
        await Refused.WithAsync(StatusCode.InvalidArgument, invalid, () => world.DecryptAsync(key, ByteString.CopyFrom(changed), "context"));
        const string wrongKey = "Decryption failed: verify that 'name' refers to the correct CryptoKey.";
        await Refused.WithAsync(StatusCode.InvalidArgument, wrongKey, () => world.DecryptAsync(other, encrypted, "context"));
        await Refused.WithAsync(StatusCode.InvalidArgument, wrongKey, () => world.DecryptAsync(key, ByteString.CopyFromUtf8("nonsense")));
    }

    [Fact]
    public async Task An_older_version_still_decrypts_after_a_new_one_became_primary()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var old = await world.EncryptAsync(key, "old");
        var second = await world.Customer.CreateCryptoKeyVersionAsync(new CreateCryptoKeyVersionRequest { Parent = key });
        Assert.Equal(old.Name, (await world.EncryptAsync(key)).Name);
        await world.Customer.UpdateCryptoKeyPrimaryVersionAsync(new UpdateCryptoKeyPrimaryVersionRequest { Name = key, CryptoKeyVersionId = "2" });

        var fresh = await world.EncryptAsync(key, "new");
        Assert.Equal(second.Name, fresh.Name);
        var decrypted = await world.DecryptAsync(key, old.Ciphertext);
        Assert.Equal(("old", false), (decrypted.Plaintext.ToStringUtf8(), decrypted.UsedPrimary));
        Assert.Equal(old.Name, (await world.EncryptAsync(old.Name)).Name);

        // The primary works on while data of the disabled version is out of reach.
        await world.SetStateAsync(old.Name, CryptoKeyVersion.Types.CryptoKeyVersionState.Disabled);
        Assert.Equal(second.Name, (await world.EncryptAsync(key)).Name);
        await Refused.WithAsync(StatusCode.FailedPrecondition, $"{old.Name} is not enabled, current state is: DISABLED.", () => world.DecryptAsync(key, old.Ciphertext));
    }

    [Fact]
    public async Task A_key_for_another_purpose_is_refused()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync(wish: new CryptoKey { Purpose = Purpose.AsymmetricSign, VersionTemplate = new() { Algorithm = Algorithm.EcSignP256Sha256 } });

        Assert.Null((await world.Customer.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key })).Primary);
        var text = $"CryptoKey {key} has purpose ASYMMETRIC_SIGN, but this operation needs ENCRYPT_DECRYPT.";
        await Refused.WithAsync(StatusCode.InvalidArgument, text, () => world.EncryptAsync(key));
        await Refused.WithAsync(StatusCode.InvalidArgument, text, () => world.DecryptAsync(key, ByteString.CopyFromUtf8("x")));
    }

    [Fact]
    public async Task A_key_without_a_version_cannot_encrypt()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.Customer.CreateCryptoKeyAsync(new CreateCryptoKeyRequest { Parent = GoogleWorld.Ring, CryptoKeyId = "empty", CryptoKey = new(), SkipInitialVersionCreation = true });

        Assert.Null(key.Primary);
        await Refused.WithAsync(StatusCode.FailedPrecondition, $"CryptoKey {key.Name} does not have a primary CryptoKeyVersion.", () => world.EncryptAsync(key.Name));
    }

    [Theory]
    [InlineData(ProtectionLevel.Software, 65536, 65536, null)]
    [InlineData(ProtectionLevel.Software, 65537, 0, "The length of plaintext must not exceed 65536 bytes.")]
    [InlineData(ProtectionLevel.Software, 0, 65537, "The length of additional_authenticated_data must not exceed 65536 bytes.")]
    [InlineData(ProtectionLevel.Hsm, 4096, 4096, null)]
    [InlineData(ProtectionLevel.Hsm, 4096, 4097, "The combined length of plaintext and additional_authenticated_data must not exceed 8192 bytes.")]
    public async Task Sizes_are_bounded_by_where_the_key_is(ProtectionLevel level, int plaintext, int bound, string? refusal)
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync(wish: new CryptoKey { VersionTemplate = new() { ProtectionLevel = level, Algorithm = Algorithm.GoogleSymmetricEncryption } });

        Task Encrypt() => world.EncryptAsync(key, new string('x', plaintext), new string('y', bound));
        if (refusal is null)
            await Encrypt();
        else
            await Refused.WithAsync(StatusCode.InvalidArgument, refusal, Encrypt);
    }

    [Fact]
    public async Task Everything_survives_a_restart_and_no_material_lies_open_on_the_disk()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var wrapped = await world.EncryptAsync(key, "kept", "context");
        var stored = world.Service.Keys.Key(ResourceName.TryParse(key)!);
        var material = world.Service.Keys.Open(stored, stored.Versions[0]);

        await world.RestartAsync();

        Assert.Equal("kept", (await world.DecryptAsync(key, wrapped.Ciphertext, "context")).Plaintext.ToStringUtf8());
        Assert.Equal(key, Assert.Single((await world.Customer.ListCryptoKeysAsync(new ListCryptoKeysRequest { Parent = GoogleWorld.Ring })).CryptoKeys).Name);
        foreach (var file in Directory.GetFiles(world.Folder))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(material));
            Assert.DoesNotContain(Convert.ToBase64String(material), System.Text.Encoding.UTF8.GetString(bytes));
        }
    }

    [Fact]
    public async Task Sixteen_clients_at_once_get_their_own_plaintext_back()
    {
        await using var world = await GoogleWorld.StartAsync();
        var keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => world.NewKeyAsync($"k{i}")));

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            for (var i = 0; i < 200; i++)
            {
                var (key, text) = (keys[(client + i) % keys.Length], $"{client}/{i}");
                var wrapped = await world.EncryptAsync(key, text, key);
                Assert.Equal(text, (await world.DecryptAsync(key, wrapped.Ciphertext, key)).Plaintext.ToStringUtf8());
            }
        }));
    }

    [Fact]
    public async Task A_rotation_in_the_middle_of_the_work_loses_nothing()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();

        var work = Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            for (var i = 0; i < 50; i++)
                Assert.Equal($"{client}/{i}", (await world.DecryptAsync(key, (await world.EncryptAsync(key, $"{client}/{i}")).Ciphertext)).Plaintext.ToStringUtf8());
        }));
        for (var version = 2; version <= 10; version++)
        {
            await world.Customer.CreateCryptoKeyVersionAsync(new CreateCryptoKeyVersionRequest { Parent = key });
            await world.Customer.UpdateCryptoKeyPrimaryVersionAsync(new UpdateCryptoKeyPrimaryVersionRequest { Name = key, CryptoKeyVersionId = version.ToString() });
        }
        await work;
        Assert.Equal(10, (await world.Customer.ListCryptoKeyVersionsAsync(new ListCryptoKeyVersionsRequest { Parent = key })).TotalSize);
    }
}
