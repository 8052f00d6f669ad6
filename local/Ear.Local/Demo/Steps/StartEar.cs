using System.Diagnostics;

namespace Ear.Local.Demo.Steps;

internal static class StartEar
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        log.Doing("starting host, durable engine, topic, local AWS KMS + STS, mail sink");
        var start = stage.Time.GetTimestamp();
        await stage.StartEarAsync(cancellation);
        var ready = stage.Time.GetElapsedTime(start);
        using var http = new HttpClient { BaseAddress = stage.Ear.BaseUrl };
        using var health = await http.GetAsync("healthz/ready", cancellation);
        var first = stage.Time.GetElapsedTime(start);
        stage.Figures["first request answered after start, s"] = Math.Round(first.TotalSeconds, 2);
        log.Check("Ear answers", health.IsSuccessStatusCode, $"{stage.Ear.BaseUrl} after {first.TotalSeconds:0.00} s");
        log.Check("a real KMS listens", stage.Kms is not null, $"{stage.Ear.Ready["kms"]!["aws"]!["endpoint"]}");
        log.Check("which mongod runs the nodes", true, DescribeMongod());
        stage.Figures["ready line after start, s"] = Math.Round(ready.TotalSeconds, 2);
    }

    private static string DescribeMongod()
        => Environment.GetEnvironmentVariable("EAR_MONGOD") is { Length: > 0 } path
            ? FileVersionInfo.GetVersionInfo(path).FileName
            : "Ear.Mongod, the stand-in (set EAR_MONGOD to use a real mongod)";
}
