using Azure.Core;
using Azure.Core.Pipeline;
using Ear.Providers.AzureKeyVault;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>The official CryptographyClient GETs a key to wrap with it by itself, and leaves that only where the GET is refused.</summary>
public sealed class VaultCallPolicyTests
{
    [Fact]
    public async Task A_crypto_call_may_not_get_the_key_and_nothing_is_sent()
    {
        var sent = new List<string>();
        var pipeline = HttpPipelineBuilder.Build(new Options(new Sink(sent)), VaultCallPolicy.Instance);

        Assert.Equal(403, await SendAsync(pipeline, RequestMethod.Get, new VaultCall(byServiceOnly: true)));
        Assert.Empty(sent);
        Assert.Equal(200, await SendAsync(pipeline, RequestMethod.Post, new VaultCall(byServiceOnly: true)));
        Assert.Equal(200, await SendAsync(pipeline, RequestMethod.Get, new VaultCall(byServiceOnly: false)));
        Assert.Equal(["POST", "GET"], sent);
    }

    [Fact]
    public async Task The_headers_that_the_sdk_keeps_to_itself_are_read()
    {
        var call = new VaultCall(byServiceOnly: true);

        await SendAsync(HttpPipelineBuilder.Build(new Options(new Sink([])), VaultCallPolicy.Instance), RequestMethod.Post, call);

        Assert.Equal((true, "request-1", "203.0.113.7"), (call.Answered, call.RequestId, call.CallerAddress));
    }

    private static async Task<int> SendAsync(HttpPipeline pipeline, RequestMethod method, VaultCall call)
    {
        using var scope = call.Begin();
        using var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri("https://orders.vault.azure.net/keys/orders"));
        await pipeline.SendAsync(message, TestContext.Current.CancellationToken);
        return message.Response.Status;
    }

    private sealed class Options : ClientOptions
    {
        public Options(HttpMessageHandler handler) => Transport = new HttpClientTransport(handler);
    }

    private sealed class Sink(List<string> sent) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add(request.Method.Method);
            var answer = new HttpResponseMessage { Content = new StringContent("{}") };
            answer.Headers.Add("x-ms-request-id", "request-1");
            answer.Headers.Add("x-ms-keyvault-network-info", "conn_type=Ipv4;addr=203.0.113.7;act_addr_fam=InterNetwork;");
            return Task.FromResult(answer);
        }
    }
}
