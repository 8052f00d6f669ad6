using System.Text.Json.Nodes;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Local.Demo;

/// <summary>What the steps of the story share: the running Ear, its clients, and what was written so far.</summary>
internal sealed class Stage(string dataDirectory, TimeProvider time) : IAsyncDisposable
{
    public const string ClusterName = "orders";
    public const string Marker = "ear-demo-marker-7d1f";
    public const int FirstDocuments = 20_000;

    private EarProcess? ear;
    private AtlasClient? api;
    private MongoClient? mongo;
    private CancellationTokenSource? writerStop;
    private Task writing = Task.CompletedTask;

    public string DataDirectory { get; } = dataDirectory;

    public TimeProvider Time { get; } = time;

    public SortedDictionary<string, object> Figures { get; } = new(StringComparer.Ordinal);

    public EarProcess Ear => ear ?? throw new InvalidOperationException("Ear was not started.");

    public AtlasClient Api => api ?? throw new InvalidOperationException("Ear was not started.");

    public string ProjectPath => $"groups/{ProjectId}";

    public string ClusterPath => $"{ProjectPath}/clusters/{ClusterName}";

    public string ProjectId { get; private set; } = "";

    public string OwnerEmail { get; private set; } = "";

    public (string Public, string Private) ApiKey { get; private set; }

    public (string Id, string Secret) ServiceAccount { get; private set; }

    public AmazonKeyManagementServiceClient? Kms { get; private set; }

    public string? KeyArn { get; set; }

    public string? RoleId { get; set; }

    public Writer? Writer { get; private set; }

    public KmsControl KmsControl { get; private set; } = null!;

    public IReadOnlyList<NodeFolder> Nodes => NodeFolder.In(DataDirectory);

    public IMongoCollection<BsonDocument> Orders => (mongo ?? throw new InvalidOperationException("The cluster has no address yet."))
        .GetDatabase("shop").GetCollection<BsonDocument>("orders");

    public async Task StartEarAsync(CancellationToken cancellation)
    {
        ear?.Dispose();
        ear = await EarProcess.StartAsync(DataDirectory, cancellation);
        var ready = ear.Ready;
        if (ready["privateKey"] is { } secret)
        {
            ProjectId = ready["projectId"]!.GetValue<string>();
            OwnerEmail = ready["ownerEmail"]!.GetValue<string>();
            ApiKey = (ready["publicKey"]!.GetValue<string>(), secret.GetValue<string>());
            ServiceAccount = (ready["clientId"]!.GetValue<string>(), ready["clientSecret"]!.GetValue<string>());
        }
        api?.Dispose();
        api = AtlasClient.WithDigest(ear.BaseUrl, ApiKey.Public, ApiKey.Private);
        Kms?.Dispose();
        var aws = ready["kms"]!["aws"]!;
        Kms = new(
            new BasicAWSCredentials(aws["accessKeyId"]!.GetValue<string>(), aws["secretAccessKey"]!.GetValue<string>()),
            new AmazonKeyManagementServiceConfig { ServiceURL = aws["endpoint"]!.GetValue<string>(), AuthenticationRegion = aws["region"]!.GetValue<string>() });
        KmsControl?.Dispose();
        KmsControl = new(new(ready["kms"]!["control"]!.GetValue<string>()));
    }

    public async Task ConnectAsync(CancellationToken cancellation)
    {
        var cluster = await Api.GetAsync(ClusterPath, cancellation);
        var address = cluster.Body?["connectionStrings"]?["standard"]?.GetValue<string>()
            ?? throw new InvalidOperationException($"The cluster has no connection string: {cluster}");
        var settings = MongoClientSettings.FromConnectionString(address);
        settings.RetryWrites = false;
        settings.WriteConcern = WriteConcern.WMajority;
        settings.ReadConcern = ReadConcern.Majority;
        settings.ServerSelectionTimeout = TimeSpan.FromSeconds(20);
        settings.HeartbeatInterval = TimeSpan.FromSeconds(1);
        mongo?.Dispose();
        mongo = new(settings);
    }

    public void StartWriting()
    {
        Writer ??= new(Orders, Marker, Time);
        writerStop = new();
        writing = Writer.RunAsync(writerStop.Token);
    }

    public async Task StopWritingAsync()
    {
        if (writerStop is null)
            return;
        await writerStop.CancelAsync();
        await writing;
        writerStop.Dispose();
        writerStop = null;
    }

    /// <summary>Documents that were acknowledged, and how many of them are there.</summary>
    public async Task<(long Acknowledged, long Found)> CountAsync(CancellationToken cancellation)
    {
        var acknowledged = FirstDocuments + (Writer?.Acknowledged ?? 0);
        var upTo = Writer?.AcknowledgedUpTo ?? 0;
        var found = await Orders.CountDocumentsAsync(
            Builders<BsonDocument>.Filter.Lt("_id", Math.Max(upTo, FirstDocuments)), cancellationToken: cancellation);
        return (acknowledged, found);
    }

    public async Task<string> StateAsync(CancellationToken cancellation)
        => (await Api.GetAsync(ClusterPath, cancellation)).Body?["stateName"]?.GetValue<string>() ?? "?";

    public Task<bool> IdleAsync(TimeSpan bound, CancellationToken cancellation)
        => Polling.UntilAsync(Time, bound, async () => await IsSettledAsync(cancellation), cancellation);

    public async Task<IReadOnlyList<JsonNode>> EventsAsync(string type, CancellationToken cancellation)
        => Results(await Api.GetAsync($"{ProjectPath}/events?eventType={type}&itemsPerPage=500", cancellation));

    public async Task<IReadOnlyList<string>> OpenAlertsAsync(CancellationToken cancellation)
        => [.. Results(await Api.GetAsync($"{ProjectPath}/alerts?status=OPEN", cancellation)).Select(a => a["eventTypeName"]!.GetValue<string>())];

    /// <summary>Runs the validation timer now, through the Functions host's admin endpoint.</summary>
    public async Task RunValidationAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = Ear.BaseUrl };
        http.DefaultRequestHeaders.Add("x-functions-key", await MasterKeyAsync(cancellation));
        using var answer = await http.PostAsync("admin/functions/ValidateCustomerKeys", new StringContent("""{"input":""}""", System.Text.Encoding.UTF8, "application/json"), cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Mails that the local SMTP sink took whose text holds the words.</summary>
    public IReadOnlyList<string> MailsHolding(string words)
    {
        var folder = Path.Combine(DataDirectory, "mail");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.eml").Select(File.ReadAllText).Where(m => m.Contains(words, StringComparison.Ordinal))]
            : [];
    }

    public async ValueTask DisposeAsync()
    {
        await StopWritingAsync();
        mongo?.Dispose();
        api?.Dispose();
        Kms?.Dispose();
        KmsControl?.Dispose();
        ear?.Dispose();
    }

    private async Task<string> MasterKeyAsync(CancellationToken cancellation)
        => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DataDirectory, "host", "host-keys.json"), cancellation))!["master"]!.GetValue<string>();

    private async Task<bool> IsSettledAsync(CancellationToken cancellation)
        => await StateAsync(cancellation) == "IDLE"
            && (await Api.GetAsync($"{ClusterPath}/status", cancellation)).Body?["changeStatus"]?.GetValue<string>() == "APPLIED";

    private static IReadOnlyList<JsonNode> Results(Answer answer)
        => answer.Body?["results"] is JsonArray results ? [.. results.OfType<JsonNode>()] : [];
}
