using Ear.Mongod.Options;
using Ear.Mongod.Replication;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>What operators and agents ask a server about itself.</summary>
internal sealed class AdminCommands(Node node, Cursors cursors)
{
    public const string Version = "7.0.0-ear";
    private static readonly string[] Quiet = ["ping", "endSessions", "refreshSessions", "logRotate"];

    /// <summary>Set when the server listens: the counts are its.</summary>
    public WireServer? Server { get; set; }

    public void AddTo(CommandDispatcher commands)
    {
        foreach (var name in Quiet) commands.Add(name, _ => []);
        commands.Add("buildInfo", _ => new BsonDocument
        {
            ["version"] = Version,
            ["gitVersion"] = "ear-stand-in",
            ["modules"] = new BsonArray { "ear-stand-in" },
            ["versionArray"] = new BsonArray { 7, 0, 0, 0 },
            ["bits"] = 64,
            ["debug"] = false,
            ["maxBsonObjectSize"] = 16 << 20,
            ["storageEngines"] = new BsonArray { "ear-stand-in" },
        });
        commands.Add("serverStatus", ServerStatus);
        commands.Add("getCmdLineOpts", _ => new BsonDocument { ["argv"] = new BsonArray(node.Options.Arguments.Prepend("mongod")), ["parsed"] = Parsed() });
        commands.Add("getParameter", GetParameter);
        commands.Add("setParameter", _ => throw new CommandException(ErrorCode.InvalidOptions, "no parameter of this stand-in can be set at runtime; use --setParameter"));
        commands.Add("whatsmyuri", r => new BsonDocument("you", r.Remote));
        commands.Add("connectionStatus", _ => new BsonDocument("authInfo", new BsonDocument { ["authenticatedUsers"] = new BsonArray(), ["authenticatedUserRoles"] = new BsonArray() }));
        commands.Add("getLog", _ => new BsonDocument { ["totalLinesWritten"] = 0, ["log"] = new BsonArray() });
        commands.Add("currentOp", _ => new BsonDocument("inprog", new BsonArray()));
        commands.Add("hostInfo", _ => new BsonDocument("system", new BsonDocument { ["currentTime"] = new BsonDateTime(node.Time.GetUtcNow().UtcDateTime), ["hostname"] = Environment.MachineName, ["numCores"] = Environment.ProcessorCount }));
        commands.Add("fsync", FsyncAsync);
    }

    private async Task<BsonDocument> FsyncAsync(CommandRequest request, CancellationToken ct)
    {
        if (request.Flag("lock")) throw new CommandException(ErrorCode.InvalidOptions, "fsync with lock is not supported by this stand-in");
        await node.Engine.CheckpointAsync(ct);
        return new BsonDocument("numFiles", 1);
    }

    private BsonDocument ServerStatus(CommandRequest request)
    {
        lock (node.Engine.Gate)
        {
            var uptime = node.Time.GetUtcNow() - node.Started;
            var status = new BsonDocument
            {
                ["host"] = $"{Environment.MachineName}:{Server?.Port}",
                ["version"] = Version,
                ["process"] = "mongod",
                ["pid"] = (long)Environment.ProcessId,
                ["uptime"] = uptime.TotalSeconds,
                ["uptimeMillis"] = (long)uptime.TotalMilliseconds,
                ["localTime"] = new BsonDateTime(node.Time.GetUtcNow().UtcDateTime),
                ["connections"] = new BsonDocument { ["current"] = Server?.ConnectionCount ?? 0, ["available"] = 5000 - (Server?.ConnectionCount ?? 0), ["totalCreated"] = Server?.TotalCreated ?? 0 },
                ["metrics"] = new BsonDocument("cursor", new BsonDocument("open", new BsonDocument("total", cursors.Open))),
                ["mem"] = new BsonDocument { ["resident"] = (int)(Environment.WorkingSet >> 20), ["bits"] = 64 },
                ["storageEngine"] = new BsonDocument { ["name"] = "ear-stand-in", ["persistent"] = true },
                ["wiredTiger"] = new BsonDocument("cache", new BsonDocument { ["maximum bytes configured"] = (long)((node.Options.CacheSizeGb ?? 0.25) * (1L << 30)), ["bytes currently in the cache"] = node.Engine.Catalog.DataSize }),
            };
            if (node.Storage.Encrypted)
                status["encryptionAtRest"] = new BsonDocument { ["encryptionEnabled"] = true, ["encryptionCipherMode"] = "AES256-GCM", ["encryptionKeyId"] = node.Storage.MasterKeyId };
            else
                status["encryptionAtRest"] = new BsonDocument { ["encryptionEnabled"] = false };
            if (node.Set is { } set)
            {
                status["repl"] = new BsonDocument { ["isWritablePrimary"] = set.Role == MemberState.Primary };
                ReplStatus.Describe(set, status["repl"].AsBsonDocument);
            }
            return status;
        }
    }

    private BsonDocument Parsed()
    {
        var o = node.Options;
        var parsed = new BsonDocument
        {
            ["net"] = new BsonDocument { ["bindIp"] = o.BindIp, ["port"] = Server?.Port ?? o.Port },
            ["storage"] = new BsonDocument("dbPath", o.DbPath),
            ["security"] = new BsonDocument("enableEncryption", o.EnableEncryption),
            ["setParameter"] = new BsonDocument(o.Parameters.Select(p => new BsonElement(p.Key, p.Value))),
        };
        if (o.ReplSet is not null) parsed["replication"] = new BsonDocument("replSet", o.ReplSet);
        if (o.ConfigServer || o.ShardServer) parsed["sharding"] = new BsonDocument("clusterRole", o.ConfigServer ? "configsvr" : "shardsvr");
        return parsed;
    }

    private BsonDocument GetParameter(CommandRequest request)
    {
        var known = new BsonDocument(node.Options.Parameters.Select(p => new BsonElement(p.Key, p.Value)))
        {
            ["featureCompatibilityVersion"] = new BsonDocument("version", "7.0"),
        };
        if (request.Body["getParameter"] is BsonString { Value: "*" }) return known;
        var wanted = request.Body.Where(e => e.Name != "getParameter" && !e.Name.StartsWith('$') && e.Name is not ("lsid" or "comment" or "maxTimeMS")).Select(e => e.Name).ToArray();
        return wanted.Length > 0 && wanted.All(known.Contains)
            ? new BsonDocument(wanted.Select(n => new BsonElement(n, known[n])))
            : throw new CommandException(ErrorCode.InvalidOptions, "no option found to get");
    }
}
