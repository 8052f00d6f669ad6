using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>One KMS operation on a customer's key: session, gate, tries, judgement.</summary>
internal sealed class AwsKmsCaller(AwsSessions sessions, KmsCalls<AwsKmsOptions> calls, IOptions<AwsKmsOptions> options)
{
    public Task<KmsResult<EncryptResponse>> EncryptAsync(CustomerKey.Aws key, byte[] plaintext, KeyContext context, KmsBudget budget) =>
        RunAsync(
            key, key.Region,
            (kms, stop) => kms.EncryptAsync(new EncryptRequest { KeyId = key.KeyIdentifier, Plaintext = new MemoryStream(plaintext), EncryptionContext = Map(context) }, stop),
            budget);

    public Task<KmsResult<DecryptResponse>> DecryptAsync(CustomerKey.Aws key, WrappedKey wrapped, KeyContext context, KmsBudget budget)
    {
        var name = AwsKeyName.ToOpen(key, wrapped.KeyIdentifier);
        return RunAsync(
            key, name.Region,
            (kms, stop) => kms.DecryptAsync(
                new DecryptRequest { KeyId = name.KeyId, CiphertextBlob = new MemoryStream(wrapped.Ciphertext), EncryptionContext = Map(context) }, stop),
            budget);
    }

    /// <returns>null where the role may not look, or AWS did not answer: metadata explains, it never decides.</returns>
    public async Task<KeyMetadata?> DescribeAsync(CustomerKey.Aws key, AwsKeyName name, KmsBudget budget)
    {
        var described = await RunAsync(key, name.Region, (kms, stop) => kms.DescribeKeyAsync(new DescribeKeyRequest { KeyId = name.KeyId }, stop), budget);
        return described.Value?.KeyMetadata;
    }

    /// <returns>null also for a key that AWS does not rotate: imported material, a custom key store.</returns>
    public async Task<GetKeyRotationStatusResponse?> RotationAsync(CustomerKey.Aws key, AwsKeyName name, KmsBudget budget)
    {
        var status = await RunAsync(key, name.Region, (kms, stop) => kms.GetKeyRotationStatusAsync(new GetKeyRotationStatusRequest { KeyId = name.KeyId }, stop), budget);
        return status.Value;
    }

    /// <summary>Those that took place, by plan or on demand.</summary>
    public async Task<ListKeyRotationsResponse?> RotationsAsync(CustomerKey.Aws key, AwsKeyName name, KmsBudget budget)
    {
        var done = await RunAsync(key, name.Region, (kms, stop) => kms.ListKeyRotationsAsync(new ListKeyRotationsRequest { KeyId = name.KeyId }, stop), budget);
        return done.Value;
    }

    private Task<KmsResult<T>> RunAsync<T>(CustomerKey.Aws key, string region, Func<IAmazonKeyManagementService, CancellationToken, Task<T>> call, KmsBudget budget)
        where T : class =>
        calls.Attempts.RunAsync<AwsStep, T>(
            async attempt =>
            {
                var session = await sessions.GetAsync(key.Access, region, attempt);
                var at = new KmsEndpoint($"AWS KMS in {region}", $"{region} {AwsSessions.ChargedTo(key.Access)}");
                return await calls.Gates.RunAsync(at, attempt, options.Value.CallsPerSecond, () => call(session.Kms, attempt.Cancellation), AwsFailures.Judge);
            },
            AwsFailures.Judge, budget);

    private static Dictionary<string, string> Map(KeyContext context) => new(context.Entries);
}
