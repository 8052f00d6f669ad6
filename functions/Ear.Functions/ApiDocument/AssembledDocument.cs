using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <param name="Faults">What is wrong with the fragments, in words; what can be served is served nevertheless.</param>
/// <param name="Undocumented">Ids of operations that no fragment describes.</param>
internal sealed record AssembledDocument(JsonObject Document, IReadOnlyList<string> Faults, IReadOnlyList<string> Undocumented);
