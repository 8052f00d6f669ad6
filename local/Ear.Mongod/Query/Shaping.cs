using Ear.Mongod.Commands;
using MongoDB.Bson;

namespace Ear.Mongod.Query;

/// <summary>Order and projection of what was found.</summary>
internal static class Shaping
{
    public static IEnumerable<BsonDocument> Sort(IEnumerable<BsonDocument> documents, BsonDocument by)
    {
        IOrderedEnumerable<BsonDocument>? sorted = null;
        foreach (var key in by)
        {
            if (key.Name == "$natural") return key.Value.ToInt32() < 0 ? documents.Reverse() : documents;
            BsonValue Key(BsonDocument d) => BsonPath.First(d, key.Name);
            sorted = (sorted, key.Value.ToInt32() > 0) switch
            {
                (null, true) => documents.OrderBy(Key),
                (null, false) => documents.OrderByDescending(Key),
                (_, true) => sorted.ThenBy(Key),
                (_, false) => sorted.ThenByDescending(Key),
            };
        }
        return sorted ?? documents;
    }

    public static BsonDocument Project(BsonDocument document, BsonDocument projection)
    {
        if (projection.ElementCount == 0) return document;
        if (projection.Any(e => e.Value.IsBsonDocument || e.Value.IsString)) throw new CommandException(ErrorCode.BadValue, "Only inclusion and exclusion of fields are supported by this stand-in");
        var wanted = projection.Where(e => e.Name != "_id").ToArray();
        var includes = wanted.Length > 0 ? wanted[0].Value.ToBoolean() : projection["_id"].ToBoolean();
        if (wanted.Any(e => e.Value.ToBoolean() != includes)) throw new CommandException(ErrorCode.BadValue, "Cannot mix inclusion and exclusion in one projection");
        var keepId = projection.GetValue("_id", true).ToBoolean();
        var result = includes ? [] : BsonPath.Copy(document);
        if (!keepId) result.Remove("_id");
        else if (includes && document.TryGetValue("_id", out var id)) result["_id"] = id;
        foreach (var field in wanted)
        {
            if (!includes) BsonPath.Remove(result, field.Name);
            else if (BsonPath.Values(document, field.Name).FirstOrDefault() is { } value) BsonPath.Set(result, field.Name, value);
        }
        return result;
    }
}
