using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Azure;
using Azure.Identity;
using Ear.CustomerKeys;
using Ear.Providers.Tests.AwsKms;
using Ear.Providers.Tests.AzureKeyVault;
using Ear.Providers.Tests.GoogleCloudKms;
using Ear.Providers.Tests.Kms;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Identity.Client;

namespace Ear.Providers.Tests;

public sealed class AwsStoredCredentialTests : StoredCredentialContract
{
    private protected override async Task<(CustomerKeyWorld, CustomerKey, FaultySecrets)> StartAsync()
    {
        var world = await AwsWorld.StartAsync();
        await world.Store.PutAsync("aws-secret", System.Text.Encoding.UTF8.GetBytes(world.Kms.CustomerKey.SecretAccessKey), TestContext.Current.CancellationToken);
        return (world, world.AwsKey with { Access = new AwsAccess.AccessKey(world.Kms.CustomerKey.AccessKeyId, "aws-secret") }, world.OwnSecrets);
    }
}

public sealed class AzureStoredCredentialTests : StoredCredentialContract
{
    private protected override async Task<(CustomerKeyWorld, CustomerKey, FaultySecrets)> StartAsync()
    {
        var world = await AzureWorld.StartAsync();
        return (world, world.Key, world.OwnSecrets);
    }
}

public sealed class GoogleStoredCredentialTests : StoredCredentialContract
{
    private protected override async Task<(CustomerKeyWorld, CustomerKey, FaultySecrets)> StartAsync()
    {
        var world = await GoogleWorld.StartAsync();
        return (world, world.Key, world.OwnSecrets);
    }
}

/// <summary>
/// What holds where Ear keeps a customer's credential: that Ear cannot read it is Ear's fault, whatever it looks like. It fails with what the provider itself is judged by,
/// since Ear's own vault is one of Azure's, too.
/// </summary>
public abstract class StoredCredentialContract
{
    private static readonly byte[] Secret = "a master key of thirty-two bytes"u8.ToArray();
    private static readonly KeyContext Context = KeyContext.ForNodeMasterKey("0123456789abcdef01234567", "n0");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <returns>A key that is used by a credential in Ear's store, and that store.</returns>
    private protected abstract Task<(CustomerKeyWorld World, CustomerKey Key, FaultySecrets Own)> StartAsync();

    [Theory]
    [InlineData("invalid_client", "an identity of Ear's own whose secret has expired")]
    [InlineData("unauthorized_client", "an identity of Ear's own that was removed")]
    [InlineData("403", "a role of Ear's own that was taken away")]
    [InlineData("key disabled", "Ear's own key that was disabled")]
    [InlineData("store", "the store")]
    [InlineData("cut", "a connection that was cut")]
    [InlineData("no host", "a vault without a name")]
    [InlineData("retries", "a vault that was tried again and again")]
    [InlineData("aws", "something that speaks as AWS does")]
    [InlineData("google", "something that speaks as Google does")]
    [InlineData("in time", "a time limit")]
    [InlineData("bug", "a bug")]
    public async Task A_credential_that_ear_cannot_read_is_ears_fault_asks_nobody_and_is_over_at_once(string fault, string what)
    {
        var (world, key, own) = await StartAsync();
        await using var _ = world;
        own.Before = _ => throw FaultOf(fault);

        // More than open a circuit.
        for (var i = 0; i < 25; i++)
        {
            var answer = await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop));
            var verdict = Assert.IsType<KeyVerdict.Unknown>(answer.Verdict);
            Assert.Equal((what, UnknownReason.OurFault), (what, verdict.Reason));
            Assert.DoesNotContain("quoted", verdict.Detail, StringComparison.Ordinal);
        }

        own.Before = null;
        Assert.Equal(new KeyVerdict.Valid(), (await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop))).Verdict);
        Assert.DoesNotContain(world.Logged, l => l.Contains("times in a row", StringComparison.Ordinal) || l.Contains("quoted", StringComparison.Ordinal));
        Assert.Single(world.Logged, l => l.Contains("Ear lacks what is its own", StringComparison.Ordinal));
        Assert.Single(world.Logged, l => l.Contains("Ear has what is its own again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_never_answers_is_ears_fault_within_the_budget()
    {
        var (world, key, own) = await StartAsync();
        await using var _ = world;
        own.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
        var before = world.Time.GetUtcNow();

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(answer.Verdict).Reason);
        Assert.InRange(world.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_caller_that_gives_up_meanwhile_gets_no_verdict()
    {
        var (world, key, own) = await StartAsync();
        await using var _ = world;
        own.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
        using var cancel = new CancellationTokenSource();

        var running = world.Provider.WrapAsync(key, Secret, Context, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    private static Exception FaultOf(string fault) => fault switch
    {
        "invalid_client" => new AuthenticationFailedException("quoted", new MsalServiceException("invalid_client", "AADSTS7000222: The provided client secret keys are expired: quoted", 401)),
        "unauthorized_client" => new AuthenticationFailedException("quoted", new MsalServiceException("unauthorized_client", "AADSTS700016: quoted", 400)),
        "403" => new RequestFailedException(403, "Caller is not authorized to perform action: quoted", "Forbidden", null),
        "key disabled" => new RequestFailedException(403, "Operation unwrapKey is not allowed on a disabled key: quoted", "Forbidden", null),
        "store" => new StoreException("The store is away."),
        "cut" => new IOException("quoted", new SocketException((int)SocketError.ConnectionReset)),
        "no host" => new HttpRequestException(HttpRequestError.NameResolutionError, "quoted"),
        "retries" => new AggregateException("quoted", new RequestFailedException("quoted", new HttpRequestException("quoted"))),
        "aws" => new AmazonServiceException("quoted", ErrorType.Sender, "AccessDeniedException", "1", HttpStatusCode.BadRequest),
        "google" => new TokenResponseException(new TokenErrorResponse { Error = "invalid_grant", ErrorDescription = "Invalid JWT Signature. quoted" }, HttpStatusCode.BadRequest),
        "in time" => new TaskCanceledException("quoted"),
        _ => new InvalidOperationException("quoted"),
    };
}
