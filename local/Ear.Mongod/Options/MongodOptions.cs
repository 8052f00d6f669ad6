namespace Ear.Mongod.Options;

/// <summary>What a mongod is told on its command line; names and defaults are mongod's own (spec/dataplane.md §1.1).</summary>
internal sealed record MongodOptions
{
    public string DbPath { get; init; } = "/data/db";

    public int Port { get; init; } = 27017;

    public string BindIp { get; init; } = "127.0.0.1";

    public string? ReplSet { get; init; }

    public string? LogPath { get; init; }

    public bool LogAppend { get; init; }

    public string? PidFilePath { get; init; }

    public double? CacheSizeGb { get; init; }

    /// <summary>Upper bound of the oplog in MB. The stand-in keeps that window in memory, so its default is 64.</summary>
    public double OplogSizeMb { get; init; } = 64;

    public bool ConfigServer { get; init; }

    public bool ShardServer { get; init; }

    public bool EnableEncryption { get; init; }

    public string EncryptionCipherMode { get; init; } = "AES256-CBC";

    public string? EncryptionKeyFile { get; init; }

    public KmipOptions Kmip { get; init; } = new();

    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>The arguments as given, for getCmdLineOpts. They hold paths and ids, never key material.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>Where the node master key lives, when it lives on a KMIP server.</summary>
internal sealed record KmipOptions
{
    /// <summary>Tried in this order for each operation, as Percona does.</summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    public int Port { get; init; } = 5696;

    public string? ClientCertificateFile { get; init; }

    public string? ServerCaFile { get; init; }

    public string? KeyIdentifier { get; init; }

    public bool RotateMasterKey { get; init; }

    public bool ActivateKeys { get; init; } = true;

    /// <summary>Seconds between two looks at the key's state; negative: never look.</summary>
    public int KeyStatePollingSeconds { get; init; } = 900;

    /// <summary>Further attempts of the first connection only.</summary>
    public int ConnectRetries { get; init; }

    public int ConnectTimeoutMs { get; init; } = 5000;
}
