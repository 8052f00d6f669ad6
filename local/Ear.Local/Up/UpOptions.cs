namespace Ear.Local.Up;

/// <param name="DataDirectory">Holds everything; one Ear at a time.</param>
/// <param name="Port">0: the port of the last start while it is free, else any free one.</param>
/// <param name="Json">One line when ready, for programs.</param>
/// <param name="Store">Where the documents are; null: as <c>Ear:Store:Kind</c> says, else <see cref="LocalStore.Sqlite"/>.</param>
/// <param name="StoreConnection">Of <see cref="LocalStore.AzureTables"/>; null: as <c>Ear:Store:ConnectionString</c> says.</param>
/// <param name="Machines">Who starts the nodes; null: as at the last start, else <see cref="NodeMachines.Started"/>.</param>
internal sealed record UpOptions(string DataDirectory, int Port, bool Json, string? Store = null, string? StoreConnection = null, string? Machines = null);
