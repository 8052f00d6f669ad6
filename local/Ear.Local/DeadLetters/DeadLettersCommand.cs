using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Functions.Alerts;
using Ear.Local.Host;
using Ear.Local.ServiceBus;
using Microsoft.Data.Sqlite;

namespace Ear.Local.DeadLetters;

/// <summary><c>ear dead-letters list|replay [--data DIR]</c>: what the subscribers of an <c>ear up</c> could not take, looked at and sent again. It may run meanwhile.</summary>
internal static class DeadLettersCommand
{
    /// <summary>A page; whoever has more has another problem.</summary>
    private const int MostListed = 1000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <param name="subscription">Null: all that the app listens to.</param>
    public static async Task<int> ListAsync(string dataFolder, string? subscription, bool json, TextWriter output, TextWriter errors)
    {
        var file = Path.Combine(dataFolder, "host", "servicebus.db");
        if (!File.Exists(file))
            return await RefuseAsync(errors, $"{file} is not there. Name the folder of an ear up with --data.");
        try
        {
            var found = EventsTopic.OfTheApp.Where(s => subscription is null || s.Name == subscription).SelectMany(s => Read(file, s.Name)).ToList();
            foreach (var dead in found)
                await output.WriteLineAsync(json ? JsonSerializer.Serialize(dead, EarJson.Options) : dead.ToString());
            if (!json)
                await output.WriteLineAsync(found.Count == 0 ? "No dead letters." : $"{found.Count} dead letters. Each is sent again in the hour after the time above, or by ear dead-letters replay.");
            return 0;
        }
        catch (SqliteException e)
        {
            return await RefuseAsync(errors, $"{file} cannot be read: {e.Message}");
        }
    }

    /// <summary>Asks the running <c>ear up</c>, which alone may send on its topic.</summary>
    /// <param name="subscription">Null: all that the app listens to.</param>
    /// <param name="api">Of this machine only: the request carries the master key of the folder.</param>
    public static async Task<int> ReplayAsync(string dataFolder, Uri api, string? subscription, IIds ids, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        var folder = Path.Combine(dataFolder, "host");
        if (!Directory.Exists(folder))
            return await RefuseAsync(errors, $"{folder} is not there. Name the folder of an ear up with --data.");
        if (!api.IsLoopback)
            return await RefuseAsync(errors, $"{api} is not on this machine. In Azure: POST /admin/functions/{ReplayDeadLetters.FunctionOf(subscription ?? EventsTopic.MailName)} with the host's master key.");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout };
        var master = HostKeys.LoadOrCreate(folder, ids).Master;
        try
        {
            foreach (var name in EventsTopic.OfTheApp.Select(s => s.Name).Where(s => subscription is null || s == subscription))
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api, $"/admin/functions/{ReplayDeadLetters.FunctionOf(name)}")) { Content = new StringContent("{}", null, "application/json") };
                request.Headers.Add("x-functions-key", master);
                using var answer = await http.SendAsync(request, cancellation);
                if (!answer.IsSuccessStatusCode)
                    return await RefuseAsync(errors, $"{api} answered {(int)answer.StatusCode} for {name}. Is it the ear up of {dataFolder}?");
            }
            await output.WriteLineAsync("Asked. Its log says how many were sent again; those younger than the topic's duplicate window wait.");
            return 0;
        }
        catch (HttpRequestException e)
        {
            return await RefuseAsync(errors, $"{api} cannot be reached ({e.Message}). Start ear up, or name its address with --url.");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return await RefuseAsync(errors, $"{api} did not answer within {Timeout.TotalSeconds} s.");
        }
    }

    private static List<DeadLetter> Read(string file, string subscription)
    {
        using var connection = MessageTable.OpenToRead(file);
        var path = EntityPaths.DeadLettersOf(EntityPaths.Subscription(EventsTopic.Name, subscription));
        return [.. MessageTable.Peek(connection, path, 0, MostListed).Select(m => DeadLetter.Of(subscription, m.ToReceived(Guid.Empty, default)))];
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string why)
    {
        await errors.WriteLineAsync(why);
        return 1;
    }

    /// <summary>Bodies are left out: events are read through the API.</summary>
    private sealed record DeadLetter(string Subscription, string EventId, string? ProjectId, string? Type, string? Reason, string? Why, int Deliveries, int Replays, DateTimeOffset Enqueued, DateTimeOffset SentAgainAfter)
    {
        public static DeadLetter Of(string subscription, ServiceBusReceivedMessage message) => new(
            subscription, message.MessageId, message.SessionId, message.Subject, message.DeadLetterReason, message.DeadLetterErrorDescription, message.DeliveryCount,
            message.ApplicationProperties.TryGetValue("replays", out var count) && count is int replays ? replays : 0,
            message.EnqueuedTime, message.EnqueuedTime + EventsTopic.DuplicateWindow);

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Subscription} {EventId} {Type} of project {ProjectId}: {Reason} ({Why}), replayed {Replays} times, can be sent again after {SentAgainAfter:yyyy-MM-dd HH:mm}Z");
    }
}
