using System.Globalization;

namespace Ear.Mongod.Options;

/// <summary>Reads mongod's command line: <c>--name value</c> or <c>--name=value</c>; anything unknown is refused as mongod refuses it.</summary>
internal static class OptionParser
{
    private sealed record Option(bool TakesValue, Func<MongodOptions, string, MongodOptions> Set);

    private static readonly Dictionary<string, Option> Known = new(StringComparer.Ordinal)
    {
        ["dbpath"] = Value((o, v) => o with { DbPath = v }),
        ["port"] = Value((o, v) => o with { Port = Int(v, "port", 0, 65535) }),
        ["bind_ip"] = Value((o, v) => o with { BindIp = v }),
        ["bind_ip_all"] = Flag(o => o with { BindIp = "0.0.0.0" }),
        ["replSet"] = Value((o, v) => o with { ReplSet = v }),
        ["logpath"] = Value((o, v) => o with { LogPath = v }),
        ["logappend"] = Flag(o => o with { LogAppend = true }),
        ["pidfilepath"] = Value((o, v) => o with { PidFilePath = v }),
        ["wiredTigerCacheSizeGB"] = Value((o, v) => o with { CacheSizeGb = Number(v, "wiredTigerCacheSizeGB") }),
        ["oplogSize"] = Value((o, v) => o with { OplogSizeMb = Number(v, "oplogSize") }),
        ["setParameter"] = Value(SetParameter),
        ["configsvr"] = Flag(o => o with { ConfigServer = true }),
        ["shardsvr"] = Flag(o => o with { ShardServer = true }),
        ["enableEncryption"] = Flag(o => o with { EnableEncryption = true }),
        ["encryptionCipherMode"] = Value((o, v) => o with { EncryptionCipherMode = v }),
        ["encryptionKeyFile"] = Value((o, v) => o with { EncryptionKeyFile = v }),
        ["kmipServerName"] = Value((o, v) => o with { Kmip = o.Kmip with { ServerNames = v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) } }),
        ["kmipPort"] = Value((o, v) => o with { Kmip = o.Kmip with { Port = Int(v, "kmipPort", 1, 65535) } }),
        ["kmipClientCertificateFile"] = Value((o, v) => o with { Kmip = o.Kmip with { ClientCertificateFile = v } }),
        ["kmipServerCAFile"] = Value((o, v) => o with { Kmip = o.Kmip with { ServerCaFile = v } }),
        ["kmipKeyIdentifier"] = Value((o, v) => o with { Kmip = o.Kmip with { KeyIdentifier = v } }),
        ["kmipRotateMasterKey"] = Flag(o => o with { Kmip = o.Kmip with { RotateMasterKey = true } }),
        ["kmipActivateKeys"] = Value((o, v) => o with { Kmip = o.Kmip with { ActivateKeys = Bool(v, "kmipActivateKeys") } }),
        ["kmipKeyStatePollingSeconds"] = Value((o, v) => o with { Kmip = o.Kmip with { KeyStatePollingSeconds = Int(v, "kmipKeyStatePollingSeconds", -1, int.MaxValue) } }),
        ["kmipConnectRetries"] = Value((o, v) => o with { Kmip = o.Kmip with { ConnectRetries = Int(v, "kmipConnectRetries", 0, 1000) } }),
        ["kmipConnectTimeoutMS"] = Value((o, v) => o with { Kmip = o.Kmip with { ConnectTimeoutMs = Int(v, "kmipConnectTimeoutMS", 1000, 600_000) } }),
    };

    public static MongodOptions Parse(IReadOnlyList<string> args)
    {
        var options = new MongodOptions { Arguments = [.. args] };
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            if (!Known.TryGetValue(name, out var option))
                throw Refused($"unrecognised option '{args[i]}'");
            var value = inline;
            if (option.TakesValue && value is null)
                value = ++i < args.Count ? args[i] : throw Refused($"the required argument for option '--{name}' is missing");
            // A switch may be written "--enableEncryption true"; mongod reads that too.
            if (!option.TakesValue && value is null && i + 1 < args.Count && args[i + 1] is "true" or "false")
                value = args[++i];
            if (!option.TakesValue && value is "false") continue;
            options = option.Set(options, value ?? "");
        }
        return Checked(options);
    }

    private static MongodOptions Checked(MongodOptions o)
    {
        if (o.ConfigServer && o.ShardServer) throw Refused("Cannot specify both --configsvr and --shardsvr");
        if ((o.ConfigServer || o.ShardServer) && o.ReplSet is null) throw Refused("--configsvr and --shardsvr need --replSet");
        if (o.EncryptionCipherMode is not ("AES256-CBC" or "AES256-GCM"))
            throw Refused($"Bad value for --encryptionCipherMode: '{o.EncryptionCipherMode}'. It must be AES256-CBC or AES256-GCM");
        var keyed = o.EncryptionKeyFile is not null || o.Kmip.ServerNames.Count > 0;
        if (!o.EnableEncryption) return keyed ? throw Refused("Data at rest encryption options are given without --enableEncryption") : o;
        if (!keyed) throw Refused("--enableEncryption needs a master key: give --encryptionKeyFile or --kmipServerName");
        if (o.EncryptionKeyFile is not null && o.Kmip.ServerNames.Count > 0)
            throw Refused("--encryptionKeyFile and --kmipServerName exclude each other");
        if (o.EncryptionCipherMode == "AES256-CBC")
            throw Refused("This stand-in mongod only writes AES256-GCM. Start it with --encryptionCipherMode AES256-GCM (a real mongod's default is AES256-CBC)");
        if (o.Kmip.ServerNames.Count > 0 && (o.Kmip.ClientCertificateFile is null || o.Kmip.ServerCaFile is null))
            throw Refused("--kmipServerName needs --kmipClientCertificateFile and --kmipServerCAFile");
        return o;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal)) throw Refused($"too many positional options have been specified on the command line: '{argument}'");
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument[2..], null) : (argument[2..equals], argument[(equals + 1)..]);
    }

    private static MongodOptions SetParameter(MongodOptions options, string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) throw Refused($"Illegal option assignment: \"{text}\"; write --setParameter name=value");
        return options with { Parameters = new Dictionary<string, string>(options.Parameters) { [text[..equals]] = text[(equals + 1)..] } };
    }

    private static Option Value(Func<MongodOptions, string, MongodOptions> set) => new(true, set);

    private static Option Flag(Func<MongodOptions, MongodOptions> set) => new(false, (o, _) => set(o));

    private static int Int(string text, string name, int min, int max) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max
            ? n : throw Refused($"Bad value for --{name}: '{text}'. It must be an integer from {min} to {max}");

    private static double Number(string text, string name) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && n > 0
            ? n : throw Refused($"Bad value for --{name}: '{text}'. It must be a positive number");

    private static bool Bool(string text, string name) =>
        bool.TryParse(text, out var b) ? b : throw Refused($"Bad value for --{name}: '{text}'. It must be true or false");

    private static StartupException Refused(string what) =>
        new(ExitCode.BadOptions, $"Error parsing command line: {what}");
}
