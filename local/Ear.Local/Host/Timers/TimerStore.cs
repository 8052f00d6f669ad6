using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host.Timers;

/// <param name="Last">The last occurrence that ran to its end, or when the timer was first seen.</param>
/// <param name="LastUpdated">When this was written.</param>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset LastUpdated);

/// <summary>Remembers each timer's last occurrence in a file of its own, so that a restart knows what was missed.</summary>
internal sealed class TimerStore(string folder, ILogger<TimerStore> log)
{
    public TimerStatus? Load(string function)
    {
        var path = PathOf(function);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<TimerStatus>(File.ReadAllBytes(path), EarJson.Options);
        }
        catch (JsonException e)
        {
            TimerLog.StatusUnreadable(log, function, path, e);
            return null;
        }
    }

    public void Save(string function, TimerStatus status)
    {
        PrivateFile.CreateFolder(folder);
        PrivateFile.Write(PathOf(function), JsonSerializer.SerializeToUtf8Bytes(status, EarJson.Options));
    }

    private string PathOf(string function) => Path.Combine(folder, function + ".json");
}
