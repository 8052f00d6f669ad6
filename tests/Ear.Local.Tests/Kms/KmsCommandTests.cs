using System.Text.Json;
using Ear.Local.Kms;

namespace Ear.Local.Tests.Kms;

public sealed class KmsCommandTests
{
    [Fact]
    public async Task As_json_it_prints_one_line_with_where_and_as_whom()
    {
        var line = Assert.Single((await RunAsync(json: true)).TrimEnd().Split('\n'));

        var document = JsonDocument.Parse(line).RootElement;
        Assert.Equal(["aws", "azure", "google", "control"], document.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["endpoint", "region", "accessKeyId", "secretAccessKey", "roleArn", "externalId"], Fields("aws"));
        Assert.Equal(["vaultUrl", "authority", "tenantId", "clientId", "clientSecret", "caFile"], Fields("azure"));
        Assert.Equal(["endpoint", "restEndpoint", "projectId", "serviceAccountKeyFile"], Fields("google"));

        IEnumerable<string> Fields(string service) => document.GetProperty(service).EnumerateObject().Select(p =>
        {
            Assert.NotEqual("", p.Value.GetString());
            return p.Name;
        });
    }

    [Fact]
    public async Task For_a_person_it_prints_how_to_use_it()
    {
        var page = await RunAsync(json: false);

        Assert.Contains("export AWS_ENDPOINT_URL=http://127.0.0.1:", page);
        Assert.Contains("aws kms create-key", page);
        Assert.Contains("export AZURE_TENANT_ID=", page);
        Assert.Contains("export GOOGLE_APPLICATION_CREDENTIALS=", page);
        Assert.Contains("/faults", page);
    }

    private static async Task<string> RunAsync(bool json)
    {
        var folder = Directory.CreateTempSubdirectory("ear-kms-").FullName;
        await using var output = new SignallingWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = KmsCommand.RunAsync(new LocalKmsOptions { DataDirectory = folder }, json, output, TimeProvider.System, stop.Token);
        await output.Flushed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
        Directory.Delete(folder, recursive: true);
        return output.ToString();
    }

    private sealed class SignallingWriter : StringWriter
    {
        private readonly TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Flushed => flushed.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            flushed.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
