using System.Security.Cryptography;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Google.Cloud.Kms.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>
/// Calls Cloud KMS: one channel for all, a token for each account. It is the generated client of Google.Cloud.Kms.V1 and not the wrapper around it: the wrapper
/// has retries, deadlines and credentials of its own, which would count against our time budget twice and would read a customer's document.
/// Every member of it that is used here is Grpc.Tools' work on Google's own names, in that package as in Ear.Sdk.
/// </summary>
internal sealed class GoogleCalls : IDisposable
{
    /// <summary>An answer has some kilobytes: 64 bytes were wrapped.</summary>
    private const int MostBytes = 256 * 1024;
    private const double TokensPerSecond = 100;
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);
    private static readonly KmsEndpoint TokenEndpoint = new("Google's token endpoint", "Google's token endpoint");

    private readonly KmsCalls<GoogleCloudKmsOptions> calls;
    private readonly GoogleAccounts accounts;
    private readonly KmsSessions<GcpAccess, GoogleToken> tokens;
    private readonly GrpcChannel channel;
    private readonly KeyManagementService.KeyManagementServiceClient kms;

    public GoogleCalls(KmsCalls<GoogleCloudKmsOptions> calls, GoogleAccounts accounts, IOptions<GoogleCloudKmsOptions> options)
    {
        (this.calls, this.accounts, Options) = (calls, accounts, options.Value);
        tokens = calls.Sessions<GcpAccess, GoogleToken>(Early);
        channel = GrpcChannel.ForAddress(Options.Endpoint ?? new Uri("https://cloudkms.googleapis.com"), new GrpcChannelOptions
        {
            // Given a handler and not a client, the channel would watch the connection itself, and answer calls from its own wait of up to two minutes
            // after a refused connection: a road that is open again would be seen late, and not by our circuit's rules.
            HttpClient = new HttpClient(Http(Options.AttemptTimeout)) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MostBytes,
            ThrowOperationCanceledOnCancellation = true,
        });
        kms = new KeyManagementService.KeyManagementServiceClient(channel);
    }

    public GoogleCloudKmsOptions Options { get; }

    public KmsBudget StartBudget(CancellationToken cancellation) => calls.Attempts.StartBudget(cancellation);

    /// <param name="resource">The key or version that is named in the request.</param>
    /// <param name="callsPerSecond">Of the calling account's quota for this kind of call.</param>
    /// <param name="call">Also looks at the answer: what it throws is judged as an answer.</param>
    public Task<KmsResult<T>> RunAsync<T>(
        CustomerKey.Gcp key, GoogleKeyName resource, double callsPerSecond, KmsBudget budget, Func<KeyManagementService.KeyManagementServiceClient, CallOptions, Task<T>> call)
        where T : class
    {
        var signals = new GoogleSignals(key.Access is GcpAccess.ServiceAccount, resource.Project);
        var at = new KmsEndpoint($"Cloud KMS in {resource.Location}", $"{key.Access} {callsPerSecond}");
        return calls.Attempts.RunAsync<GoogleStep, T>(
            async attempt =>
            {
                attempt.Step = GoogleStep.Token;
                var token = await tokens.GetAsync(key.Access, attempt, access => OpenAsync(access, signals));
                attempt.Step = GoogleStep.Kms;
                return await calls.Gates.RunAsync(at, attempt, callsPerSecond, () => call(kms, With(token, resource, attempt.Cancellation)), signals.Judge);
            },
            signals.Judge, budget);
    }

    public void Dispose() => channel.Dispose();

    private async Task<GoogleToken> OpenAsync(GcpAccess access, GoogleSignals signals)
    {
        var document = await accounts.DocumentAsync(access);
        try
        {
            return await calls.Gates.RunSharedAsync(TokenEndpoint, TokensPerSecond, stop => accounts.TokenAsync(access, document, stop), e => signals.Judge(GoogleStep.Token, e));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(document);
        }
    }

    private static CallOptions With(GoogleToken token, GoogleKeyName resource, CancellationToken cancellation) => new(
        new Metadata { { "authorization", "Bearer " + token.Text }, { "x-goog-request-params", "name=" + Uri.EscapeDataString(resource.Full) } },
        cancellationToken: cancellation);

    // More connections once the streams of one are used up; pings find a connection that died in silence before a call does.
    private static SocketsHttpHandler Http(TimeSpan connectTimeout) => new()
    {
        ConnectTimeout = connectTimeout,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        AllowAutoRedirect = false,
        UseCookies = false,
    };
}
