namespace Ear.Local.Durable.History;

/// <summary>One turn of an orchestrator: when it ran, what it was told, what it decided. The history of an execution is a list of these.</summary>
/// <param name="Time">UTC ticks; what the code saw as the current time.</param>
internal sealed record HistoryTurn(long Time, IReadOnlyList<Message> Told, IReadOnlyList<DurableAction> Decided);
