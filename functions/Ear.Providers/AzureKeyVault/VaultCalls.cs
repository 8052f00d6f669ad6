using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <param name="RequestId">The vault's.</param>
/// <param name="CallerAddress">Ear's address as the vault saw it.</param>
internal sealed record VaultAnswer<T>(T Value, string? RequestId, string? CallerAddress);

/// <summary>Calls to a vault with a token, tries, limits and the table behind them.</summary>
internal sealed class VaultCalls(EntraSessions sessions, AzureHosts hosts, KmsCalls<AzureKeyVaultOptions> calls, IOptions<AzureKeyVaultOptions> options)
{
    /// <summary>5 % of the 4,000 reads in 10 s that a vault takes besides its cryptographic operations (spec kms §4).</summary>
    private const double ReadsPerSecond = 20;

    public KmsBudget StartBudget(CancellationToken cancellation) => calls.Attempts.StartBudget(cancellation);

    /// <summary>Wraps or unwraps, at the service and nowhere else.</summary>
    public Task<KmsResult<VaultAnswer<T>>> UseAsync<T>(CustomerKey.Azure key, VaultKeyName at, Func<CryptographyClient, CancellationToken, Task<T>> call, KmsBudget budget) =>
        RunAsync(
            key, at, at.Host, options.Value.CallsPerSecond, byServiceOnly: true,
            (client, stop) => call(client.GetCryptographyClient(at.Name, at.Version), stop), budget);

    public Task<KmsResult<VaultAnswer<T>>> ReadAsync<T>(CustomerKey.Azure key, VaultKeyName at, Func<KeyClient, CancellationToken, Task<Azure.Response<T>>> call, KmsBudget budget) =>
        RunAsync(
            key, at, at.Host + " reads", ReadsPerSecond, byServiceOnly: false,
            async (client, stop) => (await call(client, stop)).Value, budget);

    private Task<KmsResult<VaultAnswer<T>>> RunAsync<T>(
        CustomerKey.Azure key, VaultKeyName at, string quota, double perSecond, bool byServiceOnly, Func<KeyClient, CancellationToken, Task<T>> call, KmsBudget budget) =>
        calls.Attempts.RunAsync<AzureStep, VaultAnswer<T>>(
            async attempt =>
            {
                if (!hosts.IsVault(at.Vault, key.Environment))
                    throw new AzureNotAskedException(AzureSignal.Codes.HostNotAllowed);
                var session = await sessions.GetAsync(EntraName.Of(key), attempt);
                attempt.Step = AzureStep.Vault;
                return await calls.Gates.RunAsync(
                    new KmsEndpoint(at.Host, quota), attempt, perSecond,
                    () => AskAsync(stop => call(session.At(at.Vault), stop), byServiceOnly, attempt.Cancellation), AzureFailure.Judge);
            },
            AzureFailure.Judge, budget);

    private static async Task<VaultAnswer<T>> AskAsync<T>(Func<CancellationToken, Task<T>> call, bool byServiceOnly, CancellationToken stop)
    {
        var told = new VaultCall(byServiceOnly);
        try
        {
            using (told.Begin())
                return new VaultAnswer<T>(await call(stop), told.RequestId, told.CallerAddress);
        }
        // What the SDK stumbles over in a document that has status 200 and not the form of the API.
        catch (Exception e) when (told.Answered && e is (InvalidOperationException or ArgumentException or KeyNotFoundException))
        {
            throw new AzureBrokenAnswerException(e);
        }
        // The SDK looks at the challenge before it sends a token, and has no word of its own for one that it does not follow.
        catch (InvalidOperationException e)
        {
            throw new AzureNotAskedException(AzureSignal.Codes.ForeignChallenge, e);
        }
    }
}
