using Ear.Mongod.Commands;
using MongoDB.Bson;

namespace Ear.Mongod.Query;

/// <summary>Does a document fit a filter? The comparison and logical operators; anything else is refused, never ignored.</summary>
internal static class Matcher
{
    public static bool Matches(BsonDocument filter, BsonDocument document) => filter.All(e => e.Name switch
    {
        "$and" => Clauses(e.Value).All(f => Matches(f, document)),
        "$or" => Clauses(e.Value).Any(f => Matches(f, document)),
        "$nor" => !Clauses(e.Value).Any(f => Matches(f, document)),
        "$comment" => true,
        ['$', ..] => throw new CommandException(ErrorCode.BadValue, $"unknown top level operator: {e.Name}"),
        _ => Field(e.Name, e.Value, document),
    });

    /// <summary>The value of _id when the filter names exactly one document.</summary>
    public static BsonValue? IdOf(BsonDocument filter) => !filter.TryGetValue("_id", out var id) ? null
        : id is not BsonDocument operators || !IsOperators(operators) ? id is BsonRegularExpression ? null : id
        : operators.ElementCount == 1 && operators.TryGetValue("$eq", out var value) ? value : null;

    private static IEnumerable<BsonDocument> Clauses(BsonValue value) => value is BsonArray { Count: > 0 } a
        ? a.Select(c => c as BsonDocument ?? throw new CommandException(ErrorCode.BadValue, "$and/$or/$nor entries need to be full objects"))
        : throw new CommandException(ErrorCode.BadValue, "$and/$or/$nor must be a nonempty array");

    private static bool IsOperators(BsonDocument d) => d.ElementCount > 0 && d.GetElement(0).Name.StartsWith('$');

    private static bool Field(string path, BsonValue condition, BsonDocument document)
    {
        var values = BsonPath.Values(document, path).ToArray();
        if (condition is not BsonDocument operators || !IsOperators(operators)) return condition is BsonRegularExpression r ? Like(values, r) : AnyEqual(values, condition);
        return operators.All(o => o.Name switch
        {
            "$eq" => AnyEqual(values, o.Value),
            "$ne" => !AnyEqual(values, o.Value),
            "$gt" => AnyOrdered(values, o.Value, c => c > 0),
            "$gte" => AnyOrdered(values, o.Value, c => c >= 0),
            "$lt" => AnyOrdered(values, o.Value, c => c < 0),
            "$lte" => AnyOrdered(values, o.Value, c => c <= 0),
            "$in" => o.Value.AsBsonArray.Any(v => AnyEqual(values, v)),
            "$nin" => !o.Value.AsBsonArray.Any(v => AnyEqual(values, v)),
            "$exists" => values.Length > 0 == o.Value.ToBoolean(),
            "$not" => !Field(path, o.Value, document),
            "$size" => values.OfType<BsonArray>().Any(a => a.Count == o.Value.ToInt32()),
            "$regex" => Like(values, new BsonRegularExpression(o.Value.IsString ? o.Value.AsString : o.Value.AsBsonRegularExpression.Pattern, operators.GetValue("$options", "").AsString)),
            "$options" => true,
            _ => throw new CommandException(ErrorCode.BadValue, $"unknown operator: {o.Name}"),
        });
    }

    private static IEnumerable<BsonValue> Unwound(BsonValue[] values) => values.Concat(values.OfType<BsonArray>().SelectMany(a => a));

    private static bool AnyEqual(BsonValue[] values, BsonValue wanted) =>
        values.Length == 0 ? wanted.IsBsonNull : Unwound(values).Any(v => Bracket(v) == Bracket(wanted) && v.CompareTo(wanted) == 0);

    private static bool AnyOrdered(BsonValue[] values, BsonValue limit, Func<int, bool> fits) =>
        Unwound(values).Any(v => Bracket(v) == Bracket(limit) && fits(v.CompareTo(limit)));

    private static bool Like(BsonValue[] values, BsonRegularExpression pattern)
    {
        var regex = pattern.ToRegex();
        return Unwound(values).OfType<BsonString>().Any(s => regex.IsMatch(s.Value));
    }

    /// <summary>Values of different kinds never compare, except numbers with numbers.</summary>
    private static int Bracket(BsonValue value) => value.IsNumeric ? -1 : (int)value.BsonType;
}
