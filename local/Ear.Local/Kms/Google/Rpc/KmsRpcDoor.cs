using Ear.Local.Kms.Google.Keys;
using Google.Cloud.Kms.V1;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Rpc;

/// <summary>google.cloud.kms.v1.KeyManagementService by gRPC.</summary>
internal sealed class KmsRpcDoor(RpcAnswers answers, KmsOperations operations) : KeyManagementService.KeyManagementServiceBase
{
    public override Task<ListKeyRingsResponse> ListKeyRings(ListKeyRingsRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.ListKeyRings, request);

    public override Task<ListCryptoKeysResponse> ListCryptoKeys(ListCryptoKeysRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.ListCryptoKeys, request);

    public override Task<ListCryptoKeyVersionsResponse> ListCryptoKeyVersions(ListCryptoKeyVersionsRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.ListCryptoKeyVersions, request);

    public override Task<KeyRing> GetKeyRing(GetKeyRingRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.GetKeyRing, request);

    public override Task<CryptoKey> GetCryptoKey(GetCryptoKeyRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.GetCryptoKey, request);

    public override Task<CryptoKeyVersion> GetCryptoKeyVersion(GetCryptoKeyVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.GetCryptoKeyVersion, request);

    public override Task<KeyRing> CreateKeyRing(CreateKeyRingRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.CreateKeyRing, request);

    public override Task<CryptoKey> CreateCryptoKey(CreateCryptoKeyRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.CreateCryptoKey, request);

    public override Task<CryptoKeyVersion> CreateCryptoKeyVersion(CreateCryptoKeyVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.CreateCryptoKeyVersion, request);

    public override Task<CryptoKey> UpdateCryptoKey(UpdateCryptoKeyRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.UpdateCryptoKey, request);

    public override Task<CryptoKeyVersion> UpdateCryptoKeyVersion(UpdateCryptoKeyVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.UpdateCryptoKeyVersion, request);

    public override Task<CryptoKey> UpdateCryptoKeyPrimaryVersion(UpdateCryptoKeyPrimaryVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.UpdateCryptoKeyPrimaryVersion, request);

    public override Task<CryptoKeyVersion> DestroyCryptoKeyVersion(DestroyCryptoKeyVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.DestroyCryptoKeyVersion, request);

    public override Task<CryptoKeyVersion> RestoreCryptoKeyVersion(RestoreCryptoKeyVersionRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.RestoreCryptoKeyVersion, request);

    public override Task<EncryptResponse> Encrypt(EncryptRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.Encrypt, request);

    public override Task<DecryptResponse> Decrypt(DecryptRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.Decrypt, request);
}
