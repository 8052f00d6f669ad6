using Ear.Mongod.Storage;

namespace Ear.Mongod.Commands;

internal static class Names
{
    private static readonly System.Buffers.SearchValues<char> ForbiddenInDatabase = System.Buffers.SearchValues.Create("/\\. \"$*<>:|?\0");

    public static void CheckCollection(string ns)
    {
        var database = Catalog.DatabaseOf(ns);
        if (database.Length is 0 or > 63 || database.AsSpan().ContainsAny(ForbiddenInDatabase)) throw new CommandException(ErrorCode.InvalidNamespace, $"Invalid database name: '{database}'");
        var name = ns[(database.Length + 1)..];
        if (name.Length == 0 || name.Contains('$', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || ns.Length > 255) throw new CommandException(ErrorCode.InvalidNamespace, $"Invalid namespace specified '{ns}'");
    }
}
