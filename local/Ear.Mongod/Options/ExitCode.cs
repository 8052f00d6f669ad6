namespace Ear.Mongod.Options;

/// <summary>The exit codes of a mongod (Percona's build), as far as the stand-in can end that way.</summary>
internal enum ExitCode
{
    Clean = 0,
    BadOptions = 2,

    /// <summary>A broken invariant or a failing disk: the process must not go on.</summary>
    Abrupt = 14,

    NetError = 48,

    NeedDowngrade = 62,

    Uncaught = 100,

    /// <summary>Anything about the master key. A Unix parent sees 1001 modulo 256 = 233.</summary>
    PerconaDataAtRestEncryptionError = 1001,
}
