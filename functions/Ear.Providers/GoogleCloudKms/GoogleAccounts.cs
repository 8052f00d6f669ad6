using System.Security.Cryptography;
using System.Text;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Ear.Secrets;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Microsoft.Extensions.Options;
using Newtonsoft.Json;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>
/// Gets access tokens for accounts. A service account asks the token endpoint, although Cloud KMS would take a token that the account signs itself: the endpoint
/// says what is wrong with a key that was deleted or an account that is gone, Cloud KMS says only UNAUTHENTICATED.
/// </summary>
internal sealed class GoogleAccounts(ISecrets secrets, GoogleHttp http, KmsCalls<GoogleCloudKmsOptions> calls, IOptions<GoogleCloudKmsOptions> options, TimeProvider time)
{
    /// <summary>The narrowest that Cloud KMS takes.</summary>
    private const string Scope = "https://www.googleapis.com/auth/cloudkms";
    private const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";
    private const string GooglesTokenUri = "https://oauth2.googleapis.com/token";

    /// <returns>The customer's document, which the caller zeroes; null: Ear's own account is used.</returns>
    public async Task<byte[]?> DocumentAsync(GcpAccess access) => access is GcpAccess.ServiceAccountKey key
        ? await calls.Own.SecretAsync(secrets, key.SecretName) ?? throw new GoogleCredentialException(GoogleCredentialException.Missing, "")
        : null;

    /// <param name="document">Of <see cref="DocumentAsync"/>.</param>
    public async Task<GoogleToken> TokenAsync(GcpAccess access, byte[]? document, CancellationToken cancellation)
    {
        try
        {
            return access switch
            {
                GcpAccess.ServiceAccountKey => await OfCustomerAsync(document!, cancellation),
                GcpAccess.ServiceAccount account => await OfEarAsync(account.Email, cancellation),
                _ => throw new ArgumentOutOfRangeException(nameof(access), access, null),
            };
        }
        catch (JsonException)
        {
            // Google.Apis.Auth reads with Newtonsoft.Json; the text may quote the answer.
            throw new GoogleAnswerException(GoogleSignals.BadAnswer, "the answer was not JSON");
        }
    }

    private async Task<GoogleToken> OfCustomerAsync(byte[] json, CancellationToken cancellation)
    {
        using var document = ServiceAccountDocument.Parse(json, options.Value.TokenUri);
        return await ExchangeAsync(document, cancellation);
    }

    /// <summary>As that account itself, where Ear has its key; otherwise in its name, which it must have let Ear's credential do (roles/iam.serviceAccountTokenCreator).</summary>
    private async Task<GoogleToken> OfEarAsync(string email, CancellationToken cancellation)
    {
        if (await OwnKeyAsync(cancellation) is not { } json)
            return await ImpersonateAsync(await DefaultAsync(cancellation), email, cancellation);
        try
        {
            using var document = ServiceAccountDocument.Parse(json, options.Value.TokenUri);
            return document.Email == email
                ? await ExchangeAsync(document, cancellation)
                : await ImpersonateAsync(Credential(document, CloudPlatform).ToGoogleCredential(), email, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private async Task<byte[]?> OwnKeyAsync(CancellationToken cancellation)
    {
        if (options.Value.ServiceAccountKey is { Length: > 0 } json)
            return Encoding.UTF8.GetBytes(json);
        if (options.Value.ServiceAccountKeyFile is not { Length: > 0 } file)
            return null;
        try
        {
            return await File.ReadAllBytesAsync(file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GoogleCredentialException(GoogleCredentialException.Unusable, "the file cannot be read", e);
        }
    }

    private async Task<GoogleCredential> DefaultAsync(CancellationToken cancellation)
    {
        try
        {
            return (await GoogleCredential.GetApplicationDefaultAsync(cancellation)).CreateWithHttpClientFactory(http).CreateScoped(CloudPlatform);
        }
        catch (InvalidOperationException e)
        {
            throw new GoogleCredentialException(GoogleCredentialException.Unusable, "there are no application default credentials", e);
        }
    }

    private async Task<GoogleToken> ImpersonateAsync(GoogleCredential own, string email, CancellationToken cancellation)
    {
        // What runs as that very account needs no leave from it.
        if (own.UnderlyingCredential is ServiceCredential itself && await EmailAsync(itself, cancellation) == email)
            return await RequestAsync(itself, cancellation);
        var target = new ImpersonatedCredential.Initializer(email)
        {
            Scopes = [Scope],
            Lifetime = TimeSpan.FromHours(1),
            Clock = http,
            HttpClientFactory = http,
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
        };
        return await RequestAsync((ServiceCredential)own.Impersonate(target).UnderlyingCredential, cancellation);
    }

    private static async Task<string?> EmailAsync(ServiceCredential credential, CancellationToken cancellation) => credential switch
    {
        ServiceAccountCredential account => account.Id,
        ComputeCredential compute => await compute.GetDefaultServiceAccountEmailAsync(cancellation),
        _ => null,
    };

    private Task<GoogleToken> ExchangeAsync(ServiceAccountDocument document, CancellationToken cancellation) => RequestAsync(Credential(document, Scope), cancellation);

    private ServiceAccountCredential Credential(ServiceAccountDocument document, string scope) => new(
        new ServiceAccountCredential.Initializer(document.Email, options.Value.TokenUri?.ToString() ?? GooglesTokenUri)
        {
            Key = document.Key,
            KeyId = document.KeyId,
            Scopes = [scope],
            Clock = http,
            HttpClientFactory = http,
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
        });

    private async Task<GoogleToken> RequestAsync(ServiceCredential credential, CancellationToken cancellation)
    {
        await credential.RequestAccessTokenAsync(cancellation);
        return credential.Token is { AccessToken: { Length: > 0 } text } token
            ? new GoogleToken(text, time.GetUtcNow().AddSeconds(token.ExpiresInSeconds ?? 0))
            : throw new GoogleAnswerException(GoogleSignals.BadAnswer, "the answer had no token");
    }
}
