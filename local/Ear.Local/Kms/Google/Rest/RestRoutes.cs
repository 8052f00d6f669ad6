using Ear.Local.Kms.Google.Iam;
using Ear.Local.Kms.Google.Iam.Wire;
using Ear.Local.Kms.Google.Keys;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Ear.Local.Kms.Google.Rest;

/// <summary>The http annotations of Google's service.proto: which method and path is which operation, and what of the request stands in the path.</summary>
internal sealed class RestRoutes
{
    private const string Rings = "projects/*/locations/*/keyRings";
    private const string Keys = $"{Rings}/*/cryptoKeys";
    private const string Versions = $"{Keys}/*/cryptoKeyVersions";

    private readonly GoogleCalls calls;
    private readonly Dictionary<string, Func<HttpContext, RestRequest, Task<IMessage?>>> routes = [];

    public RestRoutes(GoogleCalls calls, KmsOperations kms, IamOperations iam)
    {
        this.calls = calls;
        MapRingsAndKeys(kms);
        MapVersions(kms);
        MapCryptography(kms);
        foreach (var resource in (ReadOnlySpan<string>)[$"{Rings}/*", $"{Keys}/*"])
            MapIam(resource, iam);
    }

    /// <returns>null when there is no such method.</returns>
    public Func<HttpContext, RestRequest, Task<IMessage?>>? Find(RestRequest request) => routes.GetValueOrDefault(request.Pattern);

    private void MapRingsAndKeys(KmsOperations kms)
    {
        Map($"GET {Rings}", kms.ListKeyRings, r => new() { Parent = r.Parent, PageSize = r.Number("pageSize"), PageToken = r.Text("pageToken"), Filter = r.Text("filter") });
        Map($"GET {Rings}/*", kms.GetKeyRing, r => new() { Name = r.Path });
        Map($"POST {Rings}", kms.CreateKeyRing, r => new() { Parent = r.Parent, KeyRingId = r.Text("keyRingId"), KeyRing = r.Message<KeyRing>() });
        Map($"GET {Keys}", kms.ListCryptoKeys, r => new() { Parent = r.Parent, PageSize = r.Number("pageSize"), PageToken = r.Text("pageToken"), Filter = r.Text("filter") });
        Map($"GET {Keys}/*", kms.GetCryptoKey, r => new() { Name = r.Path });
        Map($"POST {Keys}", kms.CreateCryptoKey, r => new()
        {
            Parent = r.Parent,
            CryptoKeyId = r.Text("cryptoKeyId"),
            CryptoKey = r.Message<CryptoKey>(),
            SkipInitialVersionCreation = r.Flag("skipInitialVersionCreation"),
        });
        Map($"PATCH {Keys}/*", kms.UpdateCryptoKey, r =>
        {
            var key = r.Message<CryptoKey>();
            key.Name = r.Path;
            return new() { CryptoKey = key, UpdateMask = r.Mask };
        });
        Map($"POST {Keys}/*:updatePrimaryVersion", kms.UpdateCryptoKeyPrimaryVersion, r => Named<UpdateCryptoKeyPrimaryVersionRequest>(r, m => m.Name = r.Path));
    }

    private void MapVersions(KmsOperations kms)
    {
        Map($"GET {Versions}", kms.ListCryptoKeyVersions, r => new() { Parent = r.Parent, PageSize = r.Number("pageSize"), PageToken = r.Text("pageToken"), Filter = r.Text("filter") });
        Map($"GET {Versions}/*", kms.GetCryptoKeyVersion, r => new() { Name = r.Path });
        Map($"POST {Versions}", kms.CreateCryptoKeyVersion, r => new() { Parent = r.Parent, CryptoKeyVersion = r.Message<CryptoKeyVersion>() });
        Map($"PATCH {Versions}/*", kms.UpdateCryptoKeyVersion, r =>
        {
            var version = r.Message<CryptoKeyVersion>();
            version.Name = r.Path;
            return new() { CryptoKeyVersion = version, UpdateMask = r.Mask };
        });
        Map($"POST {Versions}/*:destroy", kms.DestroyCryptoKeyVersion, r => new() { Name = r.Path });
        Map($"POST {Versions}/*:restore", kms.RestoreCryptoKeyVersion, r => new() { Name = r.Path });
    }

    private void MapCryptography(KmsOperations kms)
    {
        Map($"POST {Keys}/*:encrypt", kms.Encrypt, r => Named<EncryptRequest>(r, m => m.Name = r.Path));
        Map($"POST {Versions}/*:encrypt", kms.Encrypt, r => Named<EncryptRequest>(r, m => m.Name = r.Path));
        Map($"POST {Keys}/*:decrypt", kms.Decrypt, r => Named<DecryptRequest>(r, m => m.Name = r.Path));
    }

    private void MapIam(string resource, IamOperations iam)
    {
        Map($"GET {resource}:getIamPolicy", iam.Get, r => new() { Resource = r.Path });
        Map($"POST {resource}:setIamPolicy", iam.Set, r => Named<SetIamPolicyRequest>(r, m => m.Resource = r.Path));
        Map($"POST {resource}:testIamPermissions", iam.Test, r => Named<TestIamPermissionsRequest>(r, m => m.Resource = r.Path));
    }

    /// <summary>The body is the request, but for its name, which is the path's.</summary>
    private static T Named<T>(RestRequest request, Action<T> name)
        where T : IMessage, new()
    {
        var message = request.Message<T>();
        name(message);
        return message;
    }

    private void Map<TRequest, TResponse>(string pattern, Operation<TRequest, TResponse> operation, Func<RestRequest, TRequest> read)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse> =>
        routes.Add(pattern, async (http, rest) => await calls.AnswerAsync(http, operation, read(rest)));
}
