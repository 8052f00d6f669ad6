using Azure.Core;
using Azure.Core.Pipeline;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>Counts the requests of a store, table and blob alike, and does something right before one of them: what another process does just then, or a crash.</summary>
internal sealed class Interposed : HttpPipelinePolicy
{
    private int _requests;
    private int _at = int.MaxValue;
    private Func<Task> _what = () => Task.CompletedTask;

    /// <summary>Since the last <see cref="Before"/>.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public void Into(ClientOptions options) => options.AddPolicy(this, HttpPipelinePosition.PerCall);

    /// <param name="request">Counted from 0.</param>
    public void Before(int request, Func<Task> what) => (_requests, _at, _what) = (0, request, what);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The store is asynchronous throughout.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (Interlocked.Increment(ref _requests) - 1 == _at)
            await _what();
        await ProcessNextAsync(message, pipeline);
    }
}
