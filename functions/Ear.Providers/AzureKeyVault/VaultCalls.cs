using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <param name="RequestId">The vault's.</param>
/// <param name="CallerAddress">Ear's address as the vault saw it.</param>
internal sealed record VaultAnswer<T>(T Value, string? RequestId, string? CallerAddress);

/// <summary>Calls to a vault with a token, tries, limits and the table behind them.</summary>
internal sealed class VaultCalls(EntraSessions sessions, AzureHosts hosts, PrivateWays ways, KmsCalls<AzureKeyVaultOptions> calls, IOptions<AzureKeyVaultOptions> options)
{
    /// <summary>5 % of the 4,000 reads in 10 s that a vault takes besides its cryptographic operations (spec kms §4).</summary>
    private const double ReadsPerSecond = 20;

    public KmsBudget StartBudget(CancellationToken cancellation) => calls.Attempts.StartBudget(cancellation);

    /// <summary>Through the private endpoints of the key's project while there is an ACTIVE one and the project wants them used (R62).</summary>
    public async Task<RoutedKey> RouteAsync(CustomerKey.Azure key, KeyContext context, CancellationToken cancellation) => new(
        key, key.PrivateTarget is { } target ? VaultRoute.Through(await ways.ToAsync(HexId.Parse<ProjectId>(context.ProjectId), KeyProvider.Azure, target, cancellation)) : VaultRoute.Public);

    /// <summary>Wraps or unwraps, at the service and nowhere else.</summary>
    public Task<KmsResult<VaultAnswer<T>>> UseAsync<T>(RoutedKey key, VaultKeyName at, Func<CryptographyClient, CancellationToken, Task<T>> call, KmsBudget budget) =>
        RunAsync(
            key, at, $"Key Vault {at.Host}", options.Value.CallsPerSecond, byServiceOnly: true,
            (client, stop) => call(client.GetCryptographyClient(at.Name, at.Version), stop), budget);

    public Task<KmsResult<VaultAnswer<T>>> ReadAsync<T>(RoutedKey key, VaultKeyName at, Func<KeyClient, CancellationToken, Task<Azure.Response<T>>> call, KmsBudget budget) =>
        RunAsync(
            key, at, $"Key Vault {at.Host} reads", ReadsPerSecond, byServiceOnly: false,
            async (client, stop) => (await call(client, stop)).Value, budget);

    private Task<KmsResult<VaultAnswer<T>>> RunAsync<T>(
        RoutedKey key, VaultKeyName at, string quota, double perSecond, bool byServiceOnly, Func<KeyClient, CancellationToken, Task<T>> call, KmsBudget budget) =>
        calls.Attempts.RunAsync<AzureStep, VaultAnswer<T>>(
            async attempt =>
            {
                if (!hosts.IsVault(at.Vault, key.Key.Environment))
                    throw new AzureNotAskedException(AzureSignal.Codes.HostNotAllowed);
                var session = await sessions.GetAsync(EntraName.Of(key.Key), attempt);
                attempt.Step = AzureStep.Vault;
                var route = key.To(at);
                return await calls.Gates.RunAsync(
                    new KmsEndpoint(Place(at, route), quota), attempt, perSecond,
                    () => AskAsync(stop => call(session.At(at.Vault, route), stop), byServiceOnly, attempt.Cancellation), AzureFailure.Judge);
            },
            AzureFailure.Judge, budget);

    /// <summary>What is broken by one way works by another.</summary>
    private static string Place(VaultKeyName at, VaultRoute route) => route.IsPrivate ? $"Key Vault {at.Host} through the private endpoint {route.Name}" : $"Key Vault {at.Host}";

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
