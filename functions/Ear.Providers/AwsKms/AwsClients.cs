using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>Clients of the AWS SDK: one HTTP connection pool for all, no retries of the SDK's own (ours have the time budget).</summary>
internal sealed class AwsClients : IDisposable
{
    private readonly AwsKmsOptions options;
    private readonly SharedHttp http;

    public AwsClients(IOptions<AwsKmsOptions> options)
    {
        this.options = options.Value;
        http = new SharedHttp(this.options.AttemptTimeout);
    }

    /// <summary>Ear's own credential.</summary>
    public AWSCredentials Own() => string.IsNullOrEmpty(options.AccessKeyId)
        ? DefaultAWSCredentialsIdentityResolver.GetCredentials()
        : new BasicAWSCredentials(options.AccessKeyId, options.SecretAccessKey);

    public IAmazonSecurityTokenService Sts(AWSCredentials own, string region) =>
        new AmazonSecurityTokenServiceClient(own, Configure(new AmazonSecurityTokenServiceConfig(), options.StsEndpoint, region));

    public IAmazonKeyManagementService Kms(AWSCredentials session, string region) =>
        new AmazonKeyManagementServiceClient(session, Configure(new AmazonKeyManagementServiceConfig(), options.KmsEndpoint, region));

    public void Dispose() => http.Dispose();

    private TConfig Configure<TConfig>(TConfig config, Uri? endpoint, string region)
        where TConfig : ClientConfig
    {
        if (endpoint is null)
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        else
            config.ServiceURL = endpoint.ToString();
        config.AuthenticationRegion = region;
        config.MaxErrorRetry = 0;
        config.HttpClientFactory = http;
        return config;
    }

    private sealed class SharedHttp : HttpClientFactory, IDisposable
    {
        private readonly HttpClient client;

        public SharedHttp(TimeSpan connectTimeout) => client = new HttpClient(KmsHttp.Handler(connectTimeout)) { Timeout = Timeout.InfiniteTimeSpan };

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => client.Dispose();
    }
}
