using Microsoft.Extensions.Logging;

namespace Ear.Agent.Tests.Fakes;

/// <summary>Keeps every line, for tests that look for secrets, and for failed runs.</summary>
internal sealed class TestLogs : ILoggerProvider, ILoggerFactory
{
    private readonly List<string> lines = [];

    public string Text
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Logger(TestLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (logs.lines)
                logs.lines.Add($"{logLevel} {category} {formatter(state, exception)} {exception}");
        }
    }
}
