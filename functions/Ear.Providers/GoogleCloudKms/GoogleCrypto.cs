using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Google.Cloud.Kms.V1;
using Google.Protobuf;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>Encrypt and Decrypt with their checksums both ways (spec kms §1.3): what does not fit is not taken, and asked for again a limited number of times.</summary>
internal sealed class GoogleCrypto(GoogleCalls calls)
{
    /// <param name="version">A version, so that not the primary one is used but the one that is configured.</param>
    /// <param name="plaintext">Not changed and not kept; the caller zeroes it.</param>
    public Task<KmsResult<EncryptResponse>> EncryptAsync(CustomerKey.Gcp key, GoogleKeyName version, byte[] plaintext, byte[] context, KmsBudget budget)
    {
        var request = new EncryptRequest
        {
            Name = version.Full,
            Plaintext = UnsafeByteOperations.UnsafeWrap(plaintext),
            PlaintextCrc32C = Crc32C.Of(plaintext),
            AdditionalAuthenticatedData = UnsafeByteOperations.UnsafeWrap(context),
            AdditionalAuthenticatedDataCrc32C = Crc32C.Of(context),
        };
        return calls.RunAsync(key, version, calls.Options.CallsPerSecond, budget, async (kms, options) =>
        {
            var response = await kms.EncryptAsync(request, options);
            Must(response.VerifiedPlaintextCrc32C && response.VerifiedAdditionalAuthenticatedDataCrc32C, "Google did not verify what it was given");
            Must(response.CiphertextCrc32C == Crc32C.Of(response.Ciphertext.Span), "the ciphertext");
            Must(response.Name == version.Full, "another key version was used than the one that was asked for");
            return response;
        });
    }

    public Task<KmsResult<byte[]>> DecryptAsync(CustomerKey.Gcp key, GoogleKeyName name, byte[] ciphertext, byte[] context, KmsBudget budget)
    {
        var request = new DecryptRequest
        {
            Name = name.Full,
            Ciphertext = UnsafeByteOperations.UnsafeWrap(ciphertext),
            CiphertextCrc32C = Crc32C.Of(ciphertext),
            AdditionalAuthenticatedData = UnsafeByteOperations.UnsafeWrap(context),
            AdditionalAuthenticatedDataCrc32C = Crc32C.Of(context),
        };
        return calls.RunAsync(key, name, calls.Options.CallsPerSecond, budget, async (kms, options) =>
        {
            var response = await kms.DecryptAsync(request, options);
            var plaintext = Take(response);
            if (response.PlaintextCrc32C == Crc32C.Of(plaintext))
                return plaintext;
            CryptographicOperations.ZeroMemory(plaintext);
            throw new GoogleAnswerException(GoogleSignals.Checksum, "the plaintext");
        });
    }

    private static void Must(bool fits, string otherwise)
    {
        if (!fits)
            throw new GoogleAnswerException(GoogleSignals.Checksum, otherwise);
    }

    /// <summary>The plaintext, and no copy of it left in the response.</summary>
    private static byte[] Take(DecryptResponse response)
    {
        var plaintext = response.Plaintext.ToByteArray();
        if (MemoryMarshal.TryGetArray(response.Plaintext.Memory, out var left))
            CryptographicOperations.ZeroMemory(left);
        return plaintext;
    }
}
