using Amazon.KeyManagementService.Model;
using Ear.Local.Kms;

namespace Ear.Local.Tests.Kms;

/// <summary>What lies in the data folder, and what happens when it is not as it was left.</summary>
public sealed class DataFolderTests
{
    [Fact]
    public async Task Every_file_is_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix file modes.");
            return;
        }
        await using var world = await KmsWorld.StartAsync();
        await world.NewKeyAsync();

        foreach (var file in (string[])["kms.key", "kms.db", "aws-credentials.json", "ports.json"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(world.Folder, file)));
    }

    [Fact]
    public async Task A_key_is_on_the_disk_when_its_creation_is_answered()
    {
        await using var world = await KmsWorld.StartAsync();
        var arn = await world.NewKeyAsync();
        using var customer = world.Customer();
        var wrapped = await customer.EncryptAsync(new EncryptRequest { KeyId = arn, Plaintext = Streams.Of("x") });

        // What a killed process leaves: the files as they are now, with nothing closed.
        var copy = Directory.CreateTempSubdirectory("ear-kms-").FullName;
        foreach (var file in Directory.GetFiles(world.Folder).Where(f => !f.EndsWith("ports.json", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await using (var second = await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = copy }, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            Assert.Equal(world.Kms.CustomerKey, second.CustomerKey);
            using var again = new Amazon.KeyManagementService.AmazonKeyManagementServiceClient(
                new Amazon.Runtime.BasicAWSCredentials(second.CustomerKey.AccessKeyId, second.CustomerKey.SecretAccessKey),
                new Amazon.KeyManagementService.AmazonKeyManagementServiceConfig { ServiceURL = second.AwsEndpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, DisableClockSkewCorrection = true });
            Assert.Equal("x", (await again.DecryptAsync(new DecryptRequest { CiphertextBlob = wrapped.CiphertextBlob })).Plaintext.Text());
        }
        Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task A_file_key_that_others_can_read_is_refused_with_what_to_do()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix file modes.");
            return;
        }
        await using var world = await KmsWorld.StartAsync();
        File.SetUnixFileMode(Path.Combine(world.Folder, "kms.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(world.RestartAsync);
        Assert.Contains("chmod 600", refused.Message);
    }

    [Fact]
    public async Task A_lost_file_key_is_noticed_and_not_replaced()
    {
        await using var world = await KmsWorld.StartAsync();
        File.Delete(Path.Combine(world.Folder, "kms.key"));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(world.RestartAsync);
        Assert.Contains("is missing", refused.Message);
        Assert.False(File.Exists(Path.Combine(world.Folder, "kms.key")));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var world = await KmsWorld.StartAsync();
        var port = new Uri(world.Kms.AwsEndpoint).Port;
        var folder = Directory.CreateTempSubdirectory("ear-kms-").FullName;

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = folder, AwsPort = port }, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Contains($"Port {port} for AWS KMS cannot be used", refused.Message);
        Directory.Delete(folder, recursive: true);
    }
}
