using Ear.Mongod.Commands;
using MongoDB.Bson;

namespace Ear.Mongod.Query;

/// <summary>The aggregation stages that drivers use for counting, and a few simple ones.</summary>
internal static class Pipeline
{
    public static IEnumerable<BsonDocument> Run(BsonArray stages, IEnumerable<BsonDocument> documents)
    {
        foreach (var stage in stages)
        {
            var (name, value) = (stage.AsBsonDocument.GetElement(0).Name, stage.AsBsonDocument.GetElement(0).Value);
            documents = name switch
            {
                "$match" => documents.Where(d => Matcher.Matches(value.AsBsonDocument, d)),
                "$sort" => Shaping.Sort(documents, value.AsBsonDocument),
                "$skip" => documents.Skip(value.ToInt32()),
                "$limit" => documents.Take(value.ToInt32()),
                "$project" => documents.Select(d => Shaping.Project(d, value.AsBsonDocument)),
                "$count" => documents.Count() is var n and > 0 ? [new BsonDocument(value.AsString, n)] : [],
                "$group" => Group(value.AsBsonDocument, documents),
                _ => throw new CommandException(ErrorCode.BadValue, $"Unrecognized pipeline stage name: '{name}' (this stand-in knows $match, $sort, $skip, $limit, $project, $count and $group)"),
            };
        }
        return documents;
    }

    private static IEnumerable<BsonDocument> Group(BsonDocument spec, IEnumerable<BsonDocument> documents) =>
        documents.GroupBy(d => Evaluate(spec["_id"], d)).Select(g =>
        {
            var result = new BsonDocument("_id", g.Key);
            foreach (var field in spec.Where(e => e.Name != "_id")) result[field.Name] = Accumulate(field.Value.AsBsonDocument, g);
            return result;
        });

    private static BsonValue Accumulate(BsonDocument accumulator, IEnumerable<BsonDocument> group)
    {
        var (name, of) = (accumulator.GetElement(0).Name, accumulator.GetElement(0).Value);
        var values = group.Select(d => Evaluate(of, d));
        return name switch
        {
            "$sum" => values.Where(v => v.IsNumeric).Aggregate((BsonValue)0, (a, b) => a.IsDouble || b.IsDouble ? a.ToDouble() + b.ToDouble() : Narrow(a.ToInt64() + b.ToInt64())),
            "$max" => values.Where(v => !v.IsBsonNull).Max() ?? BsonNull.Value,
            "$min" => values.Where(v => !v.IsBsonNull).Min() ?? BsonNull.Value,
            "$first" => values.First(),
            _ => throw new CommandException(ErrorCode.BadValue, $"unknown group operator '{name}'"),
        };
    }

    private static BsonValue Narrow(long sum) => sum is >= int.MinValue and <= int.MaxValue ? (int)sum : sum;

    private static BsonValue Evaluate(BsonValue expression, BsonDocument document) =>
        expression is BsonString { Value: ['$', .. var path] } ? BsonPath.First(document, path)
        : expression is BsonDocument ? throw new CommandException(ErrorCode.BadValue, "Only field paths and constants are supported in $group by this stand-in")
        : expression;
}
