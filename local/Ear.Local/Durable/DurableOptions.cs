using System.Text.Json;

namespace Ear.Local.Durable;

/// <summary>How a durable engine runs. The two limits on concurrency come from <c>extensions.durableTask</c> of host.json.</summary>
internal sealed record DurableOptions
{
    /// <summary>The engine's SQLite file; its folder must exist. One engine at a time owns it.</summary>
    public required string File { get; init; }

    /// <summary>Task hub: the name under which clients find the engine.</summary>
    public string HubName { get; init; } = "TestHubName";

    /// <summary>Activities that run at once; 1 to 1,000. Default 32. More wait in the queue.</summary>
    public int MaxConcurrentActivities { get; init; } = 32;

    /// <summary>Turns that run at once; 1 to 1,000. Default 32.</summary>
    public int MaxConcurrentTurns { get; init; } = 32;

    /// <summary>Idle orchestrators kept in memory between turns; 1 to 100,000. Default 1,000. Those above it are replayed when they are next needed.</summary>
    public int MaxLiveInstances { get; init; } = 1000;

    /// <summary>
    /// New instances and activities that may wait for their turn before a client has to wait too; 1 to 1,000,000. Default 10,000.
    /// </summary>
    public int MaxBacklog { get; init; } = 10_000;

    /// <summary>How long a client waits for room in the backlog before it is refused; above zero. Default 30 s.</summary>
    public TimeSpan AdmissionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Cancelled when the activities' host stops. An activity that ends for it has not failed: it runs again after the next start. Default: none.
    /// </summary>
    public CancellationToken HostStopping { get; init; }

    /// <summary>Called by the writer around each commit; an exception kills the engine there, as a crash would. For crash tests.</summary>
    public Action<CommitPoint>? CommitHook { get; init; }

    /// <summary>Reads <c>extensions.durableTask</c> of a host.json; absent settings keep their defaults.</summary>
    public static DurableOptions FromHostJson(string hostJson, string file)
    {
        using var document = JsonDocument.Parse(hostJson, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var defaults = new DurableOptions { File = file };
        if (!document.RootElement.TryGetProperty("extensions", out var extensions) || !extensions.TryGetProperty("durableTask", out var section))
            return defaults;
        return (defaults with
        {
            HubName = section.TryGetProperty("hubName", out var hub) ? hub.GetString() ?? defaults.HubName : defaults.HubName,
            MaxConcurrentActivities = Number(section, "maxConcurrentActivityFunctions", defaults.MaxConcurrentActivities),
            MaxConcurrentTurns = Number(section, "maxConcurrentOrchestratorFunctions", defaults.MaxConcurrentTurns),
        }).Validate();
    }

    /// <summary>Throws one exception that names every setting out of bounds.</summary>
    public DurableOptions Validate()
    {
        var faults = new List<string>();
        Check(faults, nameof(MaxConcurrentActivities), MaxConcurrentActivities, 1000);
        Check(faults, nameof(MaxConcurrentTurns), MaxConcurrentTurns, 1000);
        Check(faults, nameof(MaxLiveInstances), MaxLiveInstances, 100_000);
        Check(faults, nameof(MaxBacklog), MaxBacklog, 1_000_000);
        if (string.IsNullOrWhiteSpace(File))
            faults.Add("File must name the engine's SQLite file");
        if (AdmissionTimeout <= TimeSpan.Zero)
            faults.Add("AdmissionTimeout must be above zero");
        return faults.Count == 0 ? this : throw new InvalidOperationException("The durable engine cannot start: " + string.Join("; ", faults) + ".");
    }

    private static void Check(List<string> faults, string name, int value, int most)
    {
        if (value < 1 || value > most)
            faults.Add($"{name} is {value} and must be 1 to {most}");
    }

    private static int Number(JsonElement section, string name, int otherwise) =>
        section.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : otherwise;
}

/// <summary>A moment around one commit, counted from 1 since the engine started.</summary>
/// <param name="Done">False: all of it is written but not committed. True: committed, and nobody has been told.</param>
internal readonly record struct CommitPoint(int Number, bool Done);
