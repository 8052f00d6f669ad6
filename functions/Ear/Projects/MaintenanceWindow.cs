namespace Ear.Projects;

/// <summary>When Ear may do what it does by itself (R57), in UTC. A project without one of its own has <see cref="Default"/>.</summary>
/// <param name="DayOfWeek">1 (Sunday) to 7 (Saturday).</param>
/// <param name="HourOfDay">0 to 23.</param>
public sealed record MaintenanceWindow(int DayOfWeek, int HourOfDay)
{
    public static MaintenanceWindow Default { get; } = new(1, 0);

    /// <summary>Each maintenance is put off by a week, once, without being asked.</summary>
    public bool AutoDeferOnce { get; init; }

    /// <summary>Which intent turned <see cref="AutoDeferOnce"/> last; null: none did.</summary>
    public string? ToggledBy { get; init; }

    /// <summary>Hours of each day in which nothing is begun; null: none.</summary>
    public ProtectedHours? ProtectedHours { get; init; }

    /// <summary>A request that is repeated does not turn it back.</summary>
    public MaintenanceWindow Toggled(string intent) => intent == ToggledBy ? this : this with { AutoDeferOnce = !AutoDeferOnce, ToggledBy = intent };
}

/// <param name="Start">0 to 23.</param>
/// <param name="End">0 to 23.</param>
public sealed record ProtectedHours(int Start, int End);
