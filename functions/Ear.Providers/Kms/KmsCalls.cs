using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Kms;

/// <summary>What a provider needs to call its service, set up by the provider's own settings.</summary>
internal sealed class KmsCalls<TOptions>(IOptions<TOptions> options, TimeProvider time, IIds ids, ILogger<KmsCalls<TOptions>> logger)
    where TOptions : KmsCallOptions
{
    public KmsAttempts Attempts { get; } = new(options.Value, time, ids, logger);

    public KmsGates Gates { get; } = new(options.Value, time, logger);

    public OwnMeans Own { get; } = new(options.Value, time, logger);

    public FactsMemory Facts { get; } = new(options.Value, time);

    public KmsSessions<TName, TSession> Sessions<TName, TSession>(TimeSpan early)
        where TName : notnull
        where TSession : class, IKmsSession => new(options.Value.CachedSessions, early, time);
}
