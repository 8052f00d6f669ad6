using System.Diagnostics;
using System.Text;
using Amazon.KeyManagementService.Model;

namespace Ear.Local.Demo.Steps;

internal static class RevokeKey
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        await stage.Kms!.DisableKeyAsync(new DisableKeyRequest { KeyId = stage.KeyArn }, cancellation);
        log.Doing("the key is disabled; running the validation timer");
        var start = stage.Time.GetTimestamp();
        await stage.RunValidationAsync(cancellation);
        var down = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(60), () => Task.FromResult(stage.Nodes.All(n => !n.MongodRuns())), cancellation);
        stage.Figures["from the check to the last process down, s"] = Math.Round(stage.Time.GetElapsedTime(start).TotalSeconds, 1);
        log.Check("every process of the cluster is down", down, $"{stage.Nodes.Count(n => n.MongodRuns())} run, after {stage.Time.GetElapsedTime(start).TotalSeconds:0.0} s");

        var settings = await stage.Api.GetAsync($"{stage.ProjectPath}/encryptionAtRest", cancellation);
        log.Check("the configuration says valid: false", settings.Body?["awsKms"]?["valid"]?.GetValue<bool>() == false, $"{settings.Body?["awsKms"]?["valid"]}");
        var told = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(20), async () => (await stage.EventsAsync("CLUSTER_INSTANCE_DISABLED", cancellation)).Count > 0, cancellation);
        var alerts = await stage.OpenAlertsAsync(cancellation);
        log.Check("the alerts are open", alerts.Contains("AWS_ENCRYPTION_KEY_INVALID") && alerts.Contains("ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID"), string.Join(' ', alerts));
        foreach (var type in new[] { "AWS_ENCRYPTION_KEY_INVALID", "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID", "ENCRYPTION_AT_REST_CONFIGURATION_VALIDATION_FAILED", "CLUSTER_INSTANCE_DISABLED" })
        {
            var events = await stage.EventsAsync(type, cancellation);
            log.Check($"event {type}", told && events.Count >= 1, $"{events.Count}");
        }

        await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(30), () => Task.FromResult(stage.MailsHolding(Stage.ClusterName).Count > 0), cancellation);
        var mails = stage.MailsHolding(Stage.ClusterName);
        log.Check("exactly one mail to the Project Owner lists the cluster", mails.Count == 1 && mails[0].Contains(stage.OwnerEmail, StringComparison.Ordinal), $"{mails.Count} mail to {stage.OwnerEmail}");
        await UnreadableAsync(stage, log, cancellation);
    }

    private static async Task UnreadableAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        var marker = Encoding.UTF8.GetBytes(Stage.Marker);
        var readable = stage.Nodes.Sum(n => n.FilesHolding(marker).Count);
        log.Check("no file holds the text in clear", readable == 0, $"{readable} files");

        var stolen = Path.Combine(stage.DataDirectory, "stolen");
        CopyFolder(stage.Nodes[0].DataPath, stolen);
        var wrongKey = Path.Combine(stage.DataDirectory, "wrong.key");
        await File.WriteAllTextAsync(wrongKey, Convert.ToBase64String(new byte[32]), cancellation);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(wrongKey, UnixFileMode.UserRead);
        var without = await StartOnAsync(stolen, [], cancellation);
        log.Check("a stolen copy does not start without a key", without.Code != 0, $"exit {without.Code}: {without.Said}");
        var wrong = await StartOnAsync(stolen, ["--enableEncryption", "--encryptionCipherMode", "AES256-GCM", "--encryptionKeyFile", wrongKey], cancellation);
        log.Check("nor with another key", wrong.Code != 0, $"exit {wrong.Code}: {wrong.Said}");
        Directory.Delete(stolen, recursive: true);
    }

    private static async Task<(int Code, string Said)> StartOnAsync(string dataPath, string[] options, CancellationToken cancellation)
    {
        var start = Machines.MongodBinary.Locate().StartInfo(["--dbpath", dataPath, "--port", $"{Machines.FreePort.Next()}", "--bind_ip", "127.0.0.1", .. options]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromSeconds(15));
        var output = process.StandardOutput.ReadToEndAsync(bound.Token);
        var error = process.StandardError.ReadToEndAsync(bound.Token);
        try
        {
            await process.WaitForExitAsync(bound.Token);
            var last = (await error + await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
            return (process.ExitCode, last.Length > 160 ? last[..160] : last);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill();
            return (0, "it started");
        }
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
    }
}
