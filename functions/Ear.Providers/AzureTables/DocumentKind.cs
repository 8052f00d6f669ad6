namespace Ear.Providers.AzureTables;

/// <summary>How documents of one type lie in the tables; all of it follows from the document.</summary>
internal sealed class DocumentKind<T>
{
    /// <summary>Where it is.</summary>
    public required Func<T, (string Partition, string Row)> Place { get; init; }

    /// <summary>Tells a document from one that was deleted before it and had its row.</summary>
    public Func<T, string> Identity { get; init; } = _ => "";

    /// <summary>Properties that listings filter by.</summary>
    public Func<T, IReadOnlyList<(string Name, string Value)>> Columns { get; init; } = _ => [];

    /// <summary>Rows of the partition that at most one document has: written and removed in the document's own transaction.</summary>
    public Func<T, IReadOnlyList<string>> Holds { get; init; } = _ => [];

    /// <summary>Rows of the index that find it; null: none, ever.</summary>
    public Func<T, IReadOnlyList<Listing>>? Listings { get; init; }

    public bool Has(T document, Listing listing) => ListingsOf(document).Contains(listing);

    public IReadOnlyList<Listing> ListingsOf(T document) => Listings?.Invoke(document) ?? [];
}
