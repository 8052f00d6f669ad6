using Microsoft.Extensions.Logging;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>The newest exception that was logged as an error.</summary>
internal sealed class LastFailure : ILoggerProvider, ILogger
{
    private volatile Exception? seen;

    public Exception? Seen => seen;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            seen = exception ?? seen;
    }

    public void Dispose()
    {
    }
}
