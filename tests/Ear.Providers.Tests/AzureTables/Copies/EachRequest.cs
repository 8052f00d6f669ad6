using Azure.Core;
using Azure.Core.Pipeline;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>Does something right before each request of a client: what others do meanwhile, or a crash.</summary>
internal sealed class EachRequest : HttpPipelinePolicy
{
    private int _requests;

    /// <summary>Told how many came before.</summary>
    public Func<int, Task> Before { get; set; } = _ => Task.CompletedTask;

    public void Into(ClientOptions options) => options.AddPolicy(this, HttpPipelinePosition.PerCall);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The store is asynchronous throughout.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await Before(Interlocked.Increment(ref _requests) - 1);
        await ProcessNextAsync(message, pipeline);
    }
}
