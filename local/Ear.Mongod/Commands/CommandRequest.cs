using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>One command as it came in: its name is the first field, its database <c>$db</c>.</summary>
internal sealed record CommandRequest(BsonDocument Body, int ConnectionId, string Remote)
{
    public string Name => Body.GetElement(0).Name;

    public string Database => Body.GetValue("$db", "admin").AsString;

    /// <summary>The collection that the command is about.</summary>
    public string Namespace => Body.GetElement(0).Value is BsonString { Value.Length: > 0 } name
        ? $"{Database}.{name.Value}"
        : throw new CommandException(ErrorCode.InvalidNamespace, $"collection name has invalid type {Body.GetElement(0).Value.BsonType}");

    public bool SecondaryOk => Body.GetValue("$readPreference", BsonNull.Value) is BsonDocument p && p.GetValue("mode", "primary") != "primary";

    public TimeSpan? MaxTime => Body.TryGetValue("maxTimeMS", out var ms) && ms.ToInt64() > 0 ? TimeSpan.FromMilliseconds(ms.ToInt64()) : null;

    public BsonDocument Document(string name) => Body.GetValue(name, new BsonDocument()) as BsonDocument ?? throw new CommandException(ErrorCode.TypeMismatch, $"the field '{name}' must be an object");

    public BsonArray Array(string name) => Body.GetValue(name, BsonNull.Value) as BsonArray ?? throw new CommandException(ErrorCode.TypeMismatch, $"the field '{name}' must be an array");

    public int Int(string name, int otherwise) => Body.TryGetValue(name, out var v) && v.IsNumeric ? v.ToInt32() : otherwise;

    public bool Flag(string name, bool otherwise = false) => Body.TryGetValue(name, out var v) ? v.ToBoolean() : otherwise;

    public double Seconds(string name, double otherwise) => Body.TryGetValue(name, out var v) && v.IsNumeric ? v.ToDouble() : otherwise;
}
