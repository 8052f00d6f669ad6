using System.Collections.Concurrent;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

internal readonly record struct RoleName(string RoleArn, string ExternalId, string Region);

/// <summary>
/// Sessions of customers' roles, each kept until five minutes before it ends and asked for once however many checks wait for it: STS allows
/// an account 600 calls a second (spec kms §4).
/// </summary>
internal sealed class RoleSessions(AwsClients clients, IOptions<AwsKmsOptions> options, TimeProvider time)
{
    private const string SessionName = "ear-encryption-at-rest";
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    /// <summary>Whatever the role allows, a session of Ear can do no more than this.</summary>
    private const string SessionPolicy =
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt","kms:DescribeKey"],"Resource":"*"}]}""";

    private readonly ConcurrentDictionary<RoleName, Lazy<Task<RoleSession>>> sessions = new();

    public async Task<RoleSession> GetAsync(RoleName role, AwsTry attempt)
    {
        // Only the very session that is over or was refused is dropped: another check may have put a new one in its place.
        if (sessions.TryGetValue(role, out var known) && known.Value is { IsCompletedSuccessfully: true } done && (IsOver(done.Result) || done.Result == attempt.Refused))
            sessions.TryRemove(new(role, known));
        // Shared by all that wait, so it ends by its own limit and not by the cancellation of whoever came first.
        var shared = sessions.GetOrAdd(role, static (r, self) => new(() => self.AssumeSharedAsync(r)), this);
        try
        {
            attempt.Step = AwsStep.Sts;
            return attempt.Session = await shared.Value.WaitAsync(attempt.Cancellation);
        }
        catch (NoOwnCredentialException)
        {
            attempt.Step = AwsStep.OwnCredential;
            throw;
        }
        finally
        {
            // A failure is not remembered: the next try asks again.
            if (shared.Value.IsFaulted || shared.Value.IsCanceled)
                sessions.TryRemove(new(role, shared));
            else if (sessions.Count > options.Value.CachedSessions)
                Shrink();
        }
    }

    /// <summary>Asks STS and keeps nothing.</summary>
    public async Task<RoleSession> AssumeAsync(RoleName role, AwsTry attempt)
    {
        var own = await OwnAsync();
        attempt.Step = AwsStep.Sts;
        return await AssumeAsync(own, role, attempt.Cancellation);
    }

    private async Task<RoleSession> AssumeSharedAsync(RoleName role)
    {
        using var limit = new CancellationTokenSource(options.Value.AttemptTimeout, time);
        return await AssumeAsync(await OwnAsync(), role, limit.Token);
    }

    private async Task<RoleSession> AssumeAsync(AWSCredentials own, RoleName role, CancellationToken cancellation)
    {
        using var sts = clients.Sts(own, role.Region);
        var request = new AssumeRoleRequest
        {
            RoleArn = role.RoleArn,
            ExternalId = role.ExternalId,
            RoleSessionName = SessionName,
            Policy = SessionPolicy,
        };
        var credentials = (await sts.AssumeRoleAsync(request, cancellation)).Credentials;
        var ends = credentials.Expiration is { } expiration ? new DateTimeOffset(expiration.ToUniversalTime()) : time.GetUtcNow();
        return new RoleSession(clients.Kms(credentials, role.Region), ends);
    }

    private async Task<AWSCredentials> OwnAsync()
    {
        try
        {
            var own = clients.Own();
            await own.GetCredentialsAsync();
            return own;
        }
        catch (AmazonClientException e)
        {
            throw new NoOwnCredentialException(e);
        }
        catch (AmazonServiceException e)
        {
            throw new NoOwnCredentialException(e);
        }
    }

    private bool IsOver(RoleSession session) => session.Ends - Early <= time.GetUtcNow();

    /// <summary>A tenth more than needed goes, those that end first: so that not every new one has to look at all.</summary>
    private void Shrink()
    {
        var most = options.Value.CachedSessions - (options.Value.CachedSessions / 10);
        var finished = sessions.Where(s => s.Value is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }).ToList();
        foreach (var entry in finished.OrderBy(s => s.Value.Value.Result.Ends).Take(Math.Max(0, sessions.Count - most)))
            sessions.TryRemove(entry);
    }

    private sealed class NoOwnCredentialException(Exception inner) : AmazonClientException("No AWS credential.", inner);
}

/// <summary>A session and the client that signs with it. Not disposed when forgotten: a check may be using it, and it owns nothing but memory (connections are shared).</summary>
internal sealed class RoleSession(IAmazonKeyManagementService kms, DateTimeOffset ends)
{
    public IAmazonKeyManagementService Kms => kms;

    public DateTimeOffset Ends => ends;
}
