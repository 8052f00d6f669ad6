using Ear.Mongod.Commands;
using MongoDB.Bson;

namespace Ear.Mongod.Query;

/// <summary>What a document becomes by an update.</summary>
internal static class Updater
{
    public static BsonDocument Apply(BsonDocument before, BsonValue update, bool isInsert)
    {
        if (update is not BsonDocument changes) throw new CommandException(ErrorCode.FailedToParse, "Updates by aggregation pipeline are not supported by this stand-in");
        var after = IsReplacement(changes) ? Replaced(before, changes) : Changed(before, changes, isInsert);
        if (before.TryGetValue("_id", out var id) && after.GetValue("_id", id) != id) throw new CommandException(ErrorCode.ImmutableField, "Performing an update on the path '_id' would modify the immutable field '_id'");
        return after;
    }

    /// <summary>The document an upsert starts from: the filter's equalities.</summary>
    public static BsonDocument Seed(BsonDocument filter, BsonValue update)
    {
        var seed = new BsonDocument();
        foreach (var e in filter.Where(e => !e.Name.StartsWith('$')))
        {
            var value = e.Value is BsonDocument d && d.ElementCount > 0 && d.GetElement(0).Name.StartsWith('$') ? d.GetValue("$eq", null) : e.Value;
            if (value is not null && (e.Name == "_id" || update is not BsonDocument u || !IsReplacement(u))) BsonPath.Set(seed, e.Name, value);
        }
        return seed;
    }

    public static bool IsReplacement(BsonDocument update) => update.ElementCount == 0 || !update.GetElement(0).Name.StartsWith('$');

    private static BsonDocument Replaced(BsonDocument before, BsonDocument with)
    {
        var after = new BsonDocument();
        if (before.TryGetValue("_id", out var id)) after["_id"] = id;
        return after.Merge(with, overwriteExistingElements: true);
    }

    private static BsonDocument Changed(BsonDocument before, BsonDocument changes, bool isInsert)
    {
        var after = BsonPath.Copy(before);
        foreach (var change in changes)
        {
            if (change.Value is not BsonDocument fields) throw new CommandException(ErrorCode.FailedToParse, $"Modifiers operate on fields but we found type {change.Value.BsonType} instead");
            if (change.Name == "$setOnInsert" && !isInsert) continue;
            foreach (var field in fields) Change(after, change.Name, field.Name, field.Value);
        }
        return after;
    }

    private static void Change(BsonDocument document, string modifier, string path, BsonValue value)
    {
        var now = BsonPath.Values(document, path).FirstOrDefault();
        switch (modifier)
        {
            case "$set" or "$setOnInsert":
                BsonPath.Set(document, path, value);
                break;
            case "$unset":
                BsonPath.Remove(document, path);
                break;
            case "$inc":
                BsonPath.Set(document, path, Add(path, now, value));
                break;
            case "$min" or "$max":
                if (now is null || (modifier == "$min" ? value.CompareTo(now) < 0 : value.CompareTo(now) > 0)) BsonPath.Set(document, path, value);
                break;
            case "$push":
                if (now is not null and not BsonArray) throw new CommandException(ErrorCode.BadValue, $"The field '{path}' must be an array");
                BsonPath.Set(document, path, new BsonArray((now as BsonArray ?? []).Append(value)));
                break;
            default:
                throw new CommandException(ErrorCode.FailedToParse, $"Unknown modifier: {modifier}");
        }
    }

    private static BsonValue Add(string path, BsonValue? now, BsonValue by) => (now, by) switch
    {
        (_, { IsNumeric: false }) => throw new CommandException(ErrorCode.TypeMismatch, $"Cannot increment '{path}' with a non-numeric argument"),
        (null, _) => by,
        ({ IsNumeric: false }, _) => throw new CommandException(ErrorCode.TypeMismatch, $"Cannot apply $inc to the field '{path}' of non-numeric type"),
        ({ IsDouble: true }, _) or (_, { IsDouble: true }) => now.ToDouble() + by.ToDouble(),
        ({ IsInt32: true }, { IsInt32: true }) when (long)now.AsInt32 + by.AsInt32 is >= int.MinValue and <= int.MaxValue and var sum => (int)sum,
        _ => now.ToInt64() + by.ToInt64(),
    };
}
