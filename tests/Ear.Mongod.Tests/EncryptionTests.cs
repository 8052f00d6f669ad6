using System.Security.Cryptography;
using Ear.Mongod.Encryption;
using MongoDB.Bson;

namespace Ear.Mongod.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class EncryptionTests : IDisposable
{
    private const string Marker = "marker-that-can-be-grepped";
    private const int EncryptionError = 1001 & 0xff;
    private readonly TempFolder _folder = new();
    private readonly string _keyFile;

    public EncryptionTests() => _keyFile = NewKeyFile("key");

    public void Dispose() => _folder.Dispose();

    private string[] Encrypted => ["--enableEncryption", "--encryptionCipherMode", "AES256-GCM", "--encryptionKeyFile", _keyFile];

    private string NewKeyFile(string name)
    {
        var path = _folder[name];
        File.WriteAllText(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static void InsertMarker(MongodProcess mongod)
    {
        mongod.Direct.GetDatabase("shop").RunCommand<BsonDocument>(BsonDocument.Parse($"{{insert: 'things', documents: [{{_id: '{Marker}'}}], writeConcern: {{w: 1, j: true}}}}"));
    }

    [Fact]
    public async Task A_marker_lies_open_in_plain_files_and_nowhere_in_encrypted_ones()
    {
        await using var plain = await MongodProcess.StartNewAsync(_folder["plain"]);
        await using var encrypted = await MongodProcess.StartNewAsync(_folder["encrypted"], Encrypted);
        InsertMarker(plain);
        InsertMarker(encrypted);
        Assert.True(plain.FilesContain(Marker));
        Assert.False(encrypted.FilesContain(Marker));
        Assert.False(encrypted.FilesContain("things"));

        // A checkpoint writes the pages too.
        await plain.TerminateAsync();
        await encrypted.TerminateAsync();
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(encrypted.DbPath, "data")));
        Assert.True(plain.FilesContain(Marker));
        Assert.False(encrypted.FilesContain(Marker));

        await encrypted.StartAsync();
        Assert.Equal(1, encrypted.Direct.GetDatabase("shop").RunCommand<BsonDocument>("{count: 'things'}")["n"].AsInt32);
        Assert.Equal(BsonDocument.Parse("{encryptionEnabled: true, encryptionCipherMode: 'AES256-GCM', encryptionKeyId: 'local'}"), encrypted.Run("{serverStatus: 1}")["encryptionAtRest"]);
    }

    [Fact]
    public async Task Encryption_cannot_be_switched_on_or_off_over_existing_files()
    {
        await using var plain = await MongodProcess.StartNewAsync(_folder["plain"]);
        await plain.TerminateAsync();
        plain.Extra = Encrypted;
        Assert.Equal(EncryptionError, await plain.RunToEndAsync());
        Assert.Contains("not encrypted", plain.Log());

        await using var encrypted = MongodProcess.Prepare(_folder["encrypted"]);
        encrypted.Extra = Encrypted;
        await encrypted.StartAsync();
        await encrypted.TerminateAsync();
        encrypted.Extra = [];
        Assert.Equal(EncryptionError, await encrypted.RunToEndAsync());
        Assert.Contains("are encrypted", encrypted.Log());
    }

    [Fact]
    public async Task Another_key_opens_nothing()
    {
        await using var mongod = await MongodProcess.StartNewAsync(_folder["db"], Encrypted);
        await mongod.TerminateAsync();
        File.Copy(NewKeyFile("other"), _keyFile, overwrite: true);
        Assert.Equal(EncryptionError, await mongod.RunToEndAsync());
        Assert.Contains("Unable to open the keystore", mongod.Log());
    }

    [Fact]
    public async Task A_key_file_that_others_can_read_is_refused()
    {
        File.SetUnixFileMode(_keyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await using var mongod = MongodProcess.Prepare(_folder["db"], Encrypted);
        Assert.Equal(EncryptionError, await mongod.RunToEndAsync());
        Assert.Contains("too open", mongod.Log());
    }

    [Fact]
    public async Task No_nonce_is_used_twice_over_kills()
    {
        await using var mongod = MongodProcess.Prepare(_folder["db"], Encrypted);
        var seen = new HashSet<long>();
        for (var run = 0; run < 3; run++)
        {
            await mongod.StartAsync();
            for (var i = 0; i < 5; i++) InsertOne(mongod, run, i);
            await mongod.KillAsync();
            // Records of earlier runs are read again: only what this run added is new.
            var counters = JournalCounters(mongod).Skip(seen.Count).ToArray();
            Assert.NotEmpty(counters);
            Assert.All(counters, c => Assert.True(seen.Add(c), $"the counter {c} was used before"));
        }
    }

    private static void InsertOne(MongodProcess mongod, int run, int i) =>
        mongod.Run($"{{insert: 'x', documents: [{{_id: {(run * 100) + i}}}], writeConcern: {{w: 1, j: true}}}}");

    private static IEnumerable<long> JournalCounters(MongodProcess mongod)
    {
        var bytes = File.ReadAllBytes(Directory.GetFiles(Path.Combine(mongod.DbPath, "journal")).Single());
        for (var at = 0; at < bytes.Length; at += 8 + BitConverter.ToInt32(bytes, at))
            yield return System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 8 + 4));
    }

    [Fact]
    public void A_counter_that_is_opened_again_skips_what_was_reserved()
    {
        var path = _folder["counter"];
        var nonce = new byte[Nonces.Size];
        var first = Nonces.Create(path);
        for (var i = 0; i < 5000; i++) first.Next(nonce);
        Nonces.Open(path).Next(nonce);
        Assert.Equal(8192, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(nonce.AsSpan(4)));
    }

    [Fact]
    public void A_record_opens_only_at_its_place_and_unchanged()
    {
        using var cipher = new GcmRecords(RandomNumberGenerator.GetBytes(32), new RandomNonces());
        var stored = cipher.Seal("secret"u8, "here"u8);
        Assert.Equal("secret"u8, cipher.Open(stored, "here"u8));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Open(stored, "there"u8));
        stored[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => cipher.Open(stored, "here"u8));
    }
}
