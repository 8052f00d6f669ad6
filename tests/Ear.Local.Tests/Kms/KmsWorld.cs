using System.Net.Http.Json;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Ear.Local.Kms;

namespace Ear.Local.Tests.Kms;

/// <summary>A local KMS in a folder of its own, and the real AWS SDK pointed at it. No client retries: what the service says is what a test sees.</summary>
internal sealed class KmsWorld : IAsyncDisposable
{
    private KmsWorld(LocalKms kms, string folder, TimeProvider time) => (Kms, Folder, Time) = (kms, folder, time);

    public LocalKms Kms { get; private set; }

    public string Folder { get; }

    public TimeProvider Time { get; }

    public HttpClient Control { get; } = new();

    public static async Task<KmsWorld> StartAsync(TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("ear-kms-").FullName;
        time ??= TimeProvider.System;
        return new KmsWorld(await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = folder }, time, TestContext.Current.CancellationToken), folder, time);
    }

    public async Task RestartAsync()
    {
        await Kms.DisposeAsync();
        Kms = await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = Folder }, Time, TestContext.Current.CancellationToken);
    }

    public AmazonKeyManagementServiceClient Customer(string region = "us-east-1") =>
        Client(new BasicAWSCredentials(Kms.CustomerKey.AccessKeyId, Kms.CustomerKey.SecretAccessKey), region);

    public AmazonKeyManagementServiceClient Client(AWSCredentials credentials, string region = "us-east-1", int retries = 0) =>
        new(credentials, new AmazonKeyManagementServiceConfig
        {
            ServiceURL = Kms.AwsEndpoint,
            AuthenticationRegion = region,
            MaxErrorRetry = retries,
            Timeout = TimeSpan.FromSeconds(20),
            // The SDK remembers a clock's error by endpoint for the whole process, and a later test may be given the same port.
            DisableClockSkewCorrection = retries == 0,
        });

    public AmazonSecurityTokenServiceClient Sts(bool asCustomer = false)
    {
        var key = asCustomer ? Kms.CustomerKey : Kms.ControlPlaneKey;
        return new(
            new BasicAWSCredentials(key.AccessKeyId, key.SecretAccessKey),
            new AmazonSecurityTokenServiceConfig { ServiceURL = Kms.AwsEndpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, DisableClockSkewCorrection = true });
    }

    /// <summary>A key client with the rights of the role that exists from the start.</summary>
    public async Task<AmazonKeyManagementServiceClient> EarAsync(int seconds = 3600, string? policy = null)
    {
        using var sts = Sts();
        var session = await sts.AssumeRoleAsync(new AssumeRoleRequest
        {
            RoleArn = Kms.Address.Aws.RoleArn,
            ExternalId = Kms.Address.Aws.ExternalId,
            RoleSessionName = "ear",
            DurationSeconds = seconds,
            Policy = policy,
        });
        return Client(session.Credentials);
    }

    public async Task<string> NewKeyAsync(CreateKeyRequest? request = null)
    {
        using var customer = Customer();
        return (await customer.CreateKeyAsync(request ?? new CreateKeyRequest())).KeyMetadata.Arn;
    }

    public async Task<HttpResponseMessage> PutAsync(string path, object body) =>
        await Control.PutAsJsonAsync(Kms.Address.Control + path, body);

    public async Task ForceStateAsync(string keyArn, string state) =>
        (await PutAsync($"/keys/{keyArn[(keyArn.LastIndexOf('/') + 1)..]}/state", new { state })).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        await Kms.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

internal static class Streams
{
    public static MemoryStream Of(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    public static string Text(this MemoryStream stream) => System.Text.Encoding.UTF8.GetString(stream.ToArray());
}
