using System.Text;
using Ear.Providers.Files;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Files;

public sealed class FileKeyTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string KeyPath => _folder["ear.key"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_key_is_for_its_owner_only()
    {
        FileKey.Open(KeyPath, inUse: false).Dispose();

        Assert.Equal(32, new FileInfo(KeyPath).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite)]
    public void A_key_that_others_may_read_or_write_is_refused(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }
        FileKey.Open(KeyPath, inUse: false).Dispose();
        File.SetUnixFileMode(KeyPath, mode);

        Assert.Contains($"chmod 600 '{KeyPath}'", Assert.Throws<StoreException>(() => FileKey.Open(KeyPath, inUse: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_was_given_up_seals_nothing_instead_of_sealing_under_zeros()
    {
        var key = FileKey.Open(KeyPath, inUse: false);
        var box = key.Seal("a", [1]);
        Assert.Equal([1], key.Unseal("a", box));
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Seal("a", [1]));
        Assert.Throws<ObjectDisposedException>(() => key.Unseal("a", box));
    }

    [Fact]
    public void A_missing_key_is_never_replaced_while_secrets_need_it()
    {
        Assert.Contains("Restore it from its backup", Assert.Throws<StoreException>(() => FileKey.Open(KeyPath, inUse: true)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyPath));
    }

    [Fact]
    public void A_key_file_that_was_not_finished_is_finished_while_nothing_needs_it()
    {
        FileKey.Open(KeyPath, inUse: false).Dispose();
        File.WriteAllBytes(KeyPath, [1, 2, 3]);

        Assert.Contains("holds 3 bytes", Assert.Throws<StoreException>(() => FileKey.Open(KeyPath, inUse: true)).Message, StringComparison.Ordinal);
        FileKey.Open(KeyPath, inUse: false).Dispose();
        Assert.Equal(32, new FileInfo(KeyPath).Length);
    }

    [Fact]
    public void A_box_opens_under_its_name_only_and_unchanged_only()
    {
        using var key = FileKey.Open(KeyPath, inUse: false);
        var box = key.Seal("a", "secret"u8);

        Assert.Equal("secret"u8, key.Unseal("a", box));
        Assert.Throws<StoreException>(() => key.Unseal("b", box));
        for (var i = 0; i < box.Length; i++)
        {
            var changed = (byte[])box.Clone();
            changed[i] ^= 1;
            Assert.Throws<StoreException>(() => key.Unseal("a", changed));
        }
        Assert.Throws<StoreException>(() => key.Unseal("a", box.AsSpan(0, 10)));
    }

    [Fact]
    public void The_same_secret_never_seals_to_the_same_box()
    {
        using var key = FileKey.Open(KeyPath, inUse: false);

        Assert.NotEqual(key.Seal("a", "secret"u8), key.Seal("a", "secret"u8));
    }

    [Fact]
    public async Task Another_key_opens_nothing_and_the_message_says_so_without_the_secret()
    {
        using var file = new StoreFile(new SqliteStoreOptions { Path = _folder["ear.db"] }, NullLogger.Instance, fault: null);
        using (var secrets = Secrets(file))
            await secrets.PutAsync("password", Encoding.UTF8.GetBytes("correct horse"), Cancellation);
        File.Delete(KeyPath);
        FileKey.Open(KeyPath, inUse: false).Dispose();

        using var later = Secrets(file);
        var e = await Assert.ThrowsAsync<StoreException>(() => later.FindAsync("password", Cancellation));

        Assert.Contains("does not open the secret 'password'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_plaintext_reaches_the_disk()
    {
        using (var file = new StoreFile(new SqliteStoreOptions { Path = _folder["ear.db"] }, NullLogger.Instance, fault: null))
        using (var secrets = Secrets(file))
        {
            await secrets.PutAsync("password", Encoding.UTF8.GetBytes("correct horse"), Cancellation);
            foreach (var path in Directory.GetFiles(_folder.Path).Where(p => !p.EndsWith(".lock", StringComparison.Ordinal)))
                Assert.Equal(-1, (await File.ReadAllBytesAsync(path, Cancellation)).AsSpan().IndexOf("correct horse"u8));
        }
    }

    [Fact]
    public void A_key_file_that_is_not_named_or_is_a_folder_ends_the_start()
    {
        Assert.StartsWith("Ear:Secrets:KeyFile is empty", new FileKeyOptionsCheck().Validate(null, new()).FailureMessage, StringComparison.Ordinal);
        Assert.Contains("is a folder", new FileKeyOptionsCheck().Validate(null, new() { KeyFile = Path.GetDirectoryName(KeyPath)! }).FailureMessage, StringComparison.Ordinal);
        Assert.True(new FileKeyOptionsCheck().Validate(null, new() { KeyFile = KeyPath }).Succeeded);
    }

    private SealedSecrets Secrets(StoreFile file) => FileKeySecrets.Open(file, new FileKeyOptions { KeyFile = KeyPath });
}
