using Ear.Providers.Kms;
using Google.Apis.Http;
using Google.Apis.Util;
using Microsoft.Extensions.Options;
using IHttpClientFactory = Google.Apis.Http.IHttpClientFactory;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>What Google's credentials work with: Ear's clock and one pool of connections, no redirects, and no retries of the SDK's own (ours have the time budget).</summary>
internal sealed class GoogleHttp(IOptions<GoogleCloudKmsOptions> options, TimeProvider time) : IHttpClientFactory, IClock, IDisposable
{
    private readonly HttpMessageHandler handler = KmsHttp.Handler(options.Value.AttemptTimeout);

    public DateTime Now => time.GetLocalNow().LocalDateTime;

    public DateTime UtcNow => time.GetUtcNow().UtcDateTime;

    public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args)
    {
        var client = new ConfigurableHttpClient(new ConfigurableMessageHandler(handler) { FollowRedirect = false, NumTries = 1 }) { Timeout = Timeout.InfiniteTimeSpan };
        foreach (var initializer in args.Initializers)
            initializer.Initialize(client);
        return client;
    }

    public void Dispose() => handler.Dispose();
}
