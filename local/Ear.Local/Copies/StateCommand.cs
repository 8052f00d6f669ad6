using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Identity;
using Ear.Providers;
using Ear.Providers.AzureTables.Copies;

namespace Ear.Local.Copies;

/// <summary><c>ear state list|verify|restore</c>: copies of the state of an Ear in Azure. They are made by the app itself (function CopyState).</summary>
internal static class StateCommand
{
    public static Command Make(Option<bool> json, TimeProvider time)
    {
        var places = new StateOptions();
        var list = new Command("list", "Show the copies, oldest first.") { places.From, places.FromConnection, places.Container, json };
        list.SetAction((told, cancellation) => TellAsync(() => ListAsync(places.SourceOf(told).Source, told.GetValue(json), Console.Out, cancellation), Console.Error));
        var verify = new Command("verify", "Hold every part of a copy against its manifest.") { places.From, places.FromConnection, places.Container, places.Copy };
        verify.SetAction((told, cancellation) => TellAsync(() => VerifyAsync(places.SourceOf(told), Console.Out, cancellation), Console.Error));
        var restore = new Command("restore", "Bring a copy back into empty tables. Stop the app first. Interrupted, the same command goes on.")
        {
            places.From, places.FromConnection, places.Container, places.Copy, places.ToTables, places.ToBlobs, places.ToConnection, places.Prefix, json,
        };
        restore.SetAction((told, cancellation) => TellAsync(async () =>
        {
            var ((source, copy), (target, credential)) = (places.SourceOf(told), places.TargetOf(told));
            var report = await StateRestore.RunAsync(source, copy, target, credential, time, new Lines(Console.Error), cancellation);
            await Console.Out.WriteLineAsync(told.GetValue(json) ? JsonSerializer.Serialize(report, EarJson.Options) : Page(report));
        }, Console.Error));
        return new("state", "Copies of the state of an Ear in Azure: look at them, and bring one back (docs/operations/restore.md).") { list, verify, restore };
    }

    internal static async Task ListAsync(CopySource source, bool json, TextWriter output, CancellationToken cancellation)
    {
        var copies = await new CopyReader(source).ListAsync(cancellation);
        foreach (var copy in copies)
            await output.WriteLineAsync(json ? JsonSerializer.Serialize(copy, EarJson.Options) : Line(copy));
        if (!json && copies.Count == 0)
            await output.WriteLineAsync("No copies.");
    }

    internal static async Task VerifyAsync((CopySource Source, string? Copy) from, TextWriter output, CancellationToken cancellation)
    {
        var reader = new CopyReader(from.Source);
        var manifest = await reader.OpenAsync(from.Copy, cancellation);
        await reader.VerifyAsync(manifest, null, cancellation);
        await output.WriteLineAsync($"{manifest.Copy} is whole: {manifest.Parts.Length} parts, {string.Join(", ", manifest.Rows.Select(r => $"{r.Value} rows of {r.Key}"))}{(manifest.Damaged > 0 ? $", {manifest.Damaged} of them damaged before they were copied" : "")}.");
    }

    internal static async Task<int> TellAsync(Func<Task> run, TextWriter errors)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception e) when (e is StoreException or RequestFailedException or AuthenticationFailedException)
        {
            await errors.WriteLineAsync(e is RequestFailedException failed ? $"The storage account failed with {failed.Status} {failed.ErrorCode}." : e.Message);
            return 1;
        }
    }

    private static string Line(CopyListed copy) => copy.IsWhole
        ? string.Create(CultureInfo.InvariantCulture, $"{copy.Copy}  whole, {copy.Rows} rows, took {copy.Ended - copy.Began:hh\\:mm\\:ss}{(copy.Damaged > 0 ? $", {copy.Damaged} rows damaged" : "")}")
        : $"{copy.Copy}  not whole: it has no manifest (under way, or given up)";

    private static string Page(RestoreReport report) => $"""
        Restored {report.Copy}: {report.Rows} rows, {report.Partitions} projects and credentials.
        {(report.Warnings.Count == 0 ? "Nothing had to be left out." : string.Join(Environment.NewLine, report.Warnings))}
        Next: a new task hub, then start the app, then let it check all keys (docs/operations/restore.md).
        """;

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        private readonly Lock _oneAtATime = new();

        public void Report(string value)
        {
            lock (_oneAtATime)
                writer.WriteLine(value);
        }
    }
}
