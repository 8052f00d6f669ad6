namespace Ear.Local.Up;

/// <param name="DataDirectory">Holds everything; one Ear at a time.</param>
/// <param name="Port">0: the port of the last start while it is free, else any free one.</param>
/// <param name="Json">One line when ready, for programs.</param>
internal sealed record UpOptions(string DataDirectory, int Port, bool Json);
