using Ear.Local.Kms.Control;
using Google.Cloud.Kms.V1;
using Google.Protobuf.WellKnownTypes;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>The operations of google.cloud.kms.v1.KeyManagementService that are served, each with the permission it needs.</summary>
internal sealed class KmsOperations
{
    private readonly GoogleKeys keys;
    private readonly ServiceClock clock;

    public KmsOperations(GoogleKeys keys, ServiceClock clock)
    {
        this.keys = keys;
        this.clock = clock;
        var cryptography = new KeyCryptography(keys);
        ListKeyRings = new("ListKeyRings", "cloudkms.keyRings.list", r => Named(r.Parent, ResourceKind.Location), (r, _) => List(r));
        ListCryptoKeys = new("ListCryptoKeys", "cloudkms.cryptoKeys.list", r => Named(r.Parent, ResourceKind.KeyRing), (r, _) => List(r));
        ListCryptoKeyVersions = new("ListCryptoKeyVersions", "cloudkms.cryptoKeyVersions.list", r => Named(r.Parent, ResourceKind.CryptoKey), (r, _) => List(r));
        GetKeyRing = new("GetKeyRing", "cloudkms.keyRings.get", r => Named(r.Name, ResourceKind.KeyRing), (r, _) => keys.Ring(Named(r.Name, ResourceKind.KeyRing)).ToMessage());
        GetCryptoKey = new("GetCryptoKey", "cloudkms.cryptoKeys.get", r => Named(r.Name, ResourceKind.CryptoKey), (r, _) => keys.Key(Named(r.Name, ResourceKind.CryptoKey)).ToMessage());
        GetCryptoKeyVersion = new("GetCryptoKeyVersion", "cloudkms.cryptoKeyVersions.get", r => Named(r.Name, ResourceKind.CryptoKeyVersion), (r, _) => Version(r.Name));
        CreateKeyRing = new("CreateKeyRing", "cloudkms.keyRings.create", r => Named(r.Parent, ResourceKind.Location), (r, _) => Create(r));
        CreateCryptoKey = new("CreateCryptoKey", "cloudkms.cryptoKeys.create", r => Named(r.Parent, ResourceKind.KeyRing), (r, _) => Create(r));
        CreateCryptoKeyVersion = new("CreateCryptoKeyVersion", "cloudkms.cryptoKeyVersions.create", r => Named(r.Parent, ResourceKind.CryptoKey), (r, _) => Create(r));
        UpdateCryptoKey = new("UpdateCryptoKey", "cloudkms.cryptoKeys.update", r => Named(r.CryptoKey?.Name ?? "", ResourceKind.CryptoKey), (r, _) => Update(r));
        UpdateCryptoKeyVersion = new(
            "UpdateCryptoKeyVersion", "cloudkms.cryptoKeyVersions.update", r => Named(r.CryptoKeyVersion?.Name ?? "", ResourceKind.CryptoKeyVersion), (r, _) => Update(r));
        UpdateCryptoKeyPrimaryVersion = new("UpdateCryptoKeyPrimaryVersion", "cloudkms.cryptoKeys.update", r => Named(r.Name, ResourceKind.CryptoKey), (r, _) => Update(r));
        DestroyCryptoKeyVersion = new("DestroyCryptoKeyVersion", "cloudkms.cryptoKeyVersions.destroy", r => Named(r.Name, ResourceKind.CryptoKeyVersion), (r, _) => Destroy(r));
        RestoreCryptoKeyVersion = new("RestoreCryptoKeyVersion", "cloudkms.cryptoKeyVersions.restore", r => Named(r.Name, ResourceKind.CryptoKeyVersion), (r, _) => Restore(r));
        Encrypt = new(
            "Encrypt", "cloudkms.cryptoKeyVersions.useToEncrypt", r => Named(r.Name, ResourceKind.CryptoKey, ResourceKind.CryptoKeyVersion), (r, _) => cryptography.Encrypt(r));
        Decrypt = new("Decrypt", "cloudkms.cryptoKeyVersions.useToDecrypt", r => Named(r.Name, ResourceKind.CryptoKey), (r, _) => cryptography.Decrypt(r));
    }

    public Operation<ListKeyRingsRequest, ListKeyRingsResponse> ListKeyRings { get; }

    public Operation<ListCryptoKeysRequest, ListCryptoKeysResponse> ListCryptoKeys { get; }

    public Operation<ListCryptoKeyVersionsRequest, ListCryptoKeyVersionsResponse> ListCryptoKeyVersions { get; }

    public Operation<GetKeyRingRequest, KeyRing> GetKeyRing { get; }

    public Operation<GetCryptoKeyRequest, CryptoKey> GetCryptoKey { get; }

    public Operation<GetCryptoKeyVersionRequest, CryptoKeyVersion> GetCryptoKeyVersion { get; }

    public Operation<CreateKeyRingRequest, KeyRing> CreateKeyRing { get; }

    public Operation<CreateCryptoKeyRequest, CryptoKey> CreateCryptoKey { get; }

    public Operation<CreateCryptoKeyVersionRequest, CryptoKeyVersion> CreateCryptoKeyVersion { get; }

    public Operation<UpdateCryptoKeyRequest, CryptoKey> UpdateCryptoKey { get; }

    public Operation<UpdateCryptoKeyVersionRequest, CryptoKeyVersion> UpdateCryptoKeyVersion { get; }

    public Operation<UpdateCryptoKeyPrimaryVersionRequest, CryptoKey> UpdateCryptoKeyPrimaryVersion { get; }

    public Operation<DestroyCryptoKeyVersionRequest, CryptoKeyVersion> DestroyCryptoKeyVersion { get; }

    public Operation<RestoreCryptoKeyVersionRequest, CryptoKeyVersion> RestoreCryptoKeyVersion { get; }

    public Operation<EncryptRequest, EncryptResponse> Encrypt { get; }

    public Operation<DecryptRequest, DecryptResponse> Decrypt { get; }

    private static ResourceName Named(string name, params ReadOnlySpan<ResourceKind> kinds) => ResourceName.Parse(name, kinds);

    private ListKeyRingsResponse List(ListKeyRingsRequest request)
    {
        MustNotFilter(request.Filter);
        var page = Pages.Of(keys.RingsIn(Named(request.Parent, ResourceKind.Location)), request.PageSize, request.PageToken);
        return new ListKeyRingsResponse { KeyRings = { page.Items.Select(r => r.ToMessage()) }, NextPageToken = page.Next, TotalSize = page.Total };
    }

    private ListCryptoKeysResponse List(ListCryptoKeysRequest request)
    {
        MustNotFilter(request.Filter);
        var ring = Named(request.Parent, ResourceKind.KeyRing);
        keys.Ring(ring);
        var page = Pages.Of(keys.KeysIn(ring), request.PageSize, request.PageToken);
        return new ListCryptoKeysResponse { CryptoKeys = { page.Items.Select(k => k.ToMessage()) }, NextPageToken = page.Next, TotalSize = page.Total };
    }

    private ListCryptoKeyVersionsResponse List(ListCryptoKeyVersionsRequest request)
    {
        var key = keys.Key(Named(request.Parent, ResourceKind.CryptoKey));
        var versions = key.Versions;
        if (request.Filter.Split('=', ':') is ["state", var state])
            versions = [.. versions.Where(v => VersionStates.Name(v.State) == state)];
        else
            MustNotFilter(request.Filter);
        var page = Pages.Of(versions, request.PageSize, request.PageToken);
        return new ListCryptoKeyVersionsResponse { CryptoKeyVersions = { page.Items.Select(key.ToMessage) }, NextPageToken = page.Next, TotalSize = page.Total };
    }

    private CryptoKeyVersion Version(string name)
    {
        var (key, version) = keys.Version(Named(name, ResourceKind.CryptoKeyVersion));
        return key.ToMessage(version);
    }

    private KeyRing Create(CreateKeyRingRequest request) =>
        keys.AddRing(Named(request.Parent, ResourceKind.Location).Child(ResourceName.ValidId(request.KeyRingId, "key_ring_id"))).ToMessage();

    private CryptoKey Create(CreateCryptoKeyRequest request)
    {
        var ring = Named(request.Parent, ResourceKind.KeyRing);
        keys.Ring(ring);
        var key = KeyWishes.NewKey(ring.Child(ResourceName.ValidId(request.CryptoKeyId, "crypto_key_id")), request.CryptoKey ?? new CryptoKey(), clock.Now);
        return keys.AddKey(key, withVersion: !request.SkipInitialVersionCreation && !key.ImportOnly).ToMessage();
    }

    private CryptoKeyVersion Create(CreateCryptoKeyVersionRequest request)
    {
        var state = request.CryptoKeyVersion?.State switch
        {
            null or State.Unspecified => State.Enabled,
            State.Enabled or State.Disabled => request.CryptoKeyVersion.State,
            var other => throw GoogleRefusal.Invalid($"A CryptoKeyVersion cannot be created in state {VersionStates.Name(other.Value)}."),
        };
        var key = keys.AddVersion(Named(request.Parent, ResourceKind.CryptoKey), state);
        return key.ToMessage(key.Versions[^1]);
    }

    private CryptoKey Update(UpdateCryptoKeyRequest request) =>
        keys.Change(Named(request.CryptoKey.Name, ResourceKind.CryptoKey), key => KeyWishes.Update(key, request.CryptoKey, Paths(request.UpdateMask), clock.Now)).ToMessage();

    private CryptoKeyVersion Update(UpdateCryptoKeyVersionRequest request)
    {
        if (Paths(request.UpdateMask) is not ["state"])
            throw GoogleRefusal.Invalid("Only the field state of a CryptoKeyVersion can be updated.");
        return ChangeVersion(request.CryptoKeyVersion.Name, (_, version, name) => VersionStates.SetState(version, name, request.CryptoKeyVersion.State));
    }

    private CryptoKey Update(UpdateCryptoKeyPrimaryVersionRequest request)
    {
        var name = Named(request.Name, ResourceKind.CryptoKey);
        return keys.Change(name, key =>
        {
            if (!key.IsSymmetric)
                throw GoogleRefusal.Invalid($"A CryptoKey with purpose {Wire.EnumName(key.Purpose)} has no primary version.");
            var version = key.Version(request.CryptoKeyVersionId) ?? throw GoogleRefusal.NotFound(name.Child(request.CryptoKeyVersionId));
            VersionStates.MustBeEnabled(version, key.NameOf(version));
            return key with { Primary = version.Id };
        }).ToMessage();
    }

    private CryptoKeyVersion Destroy(DestroyCryptoKeyVersionRequest request) =>
        ChangeVersion(request.Name, (key, version, name) => VersionStates.ScheduleDestruction(version, name, clock.Now + key.DestroyScheduledDuration));

    private CryptoKeyVersion Restore(RestoreCryptoKeyVersionRequest request) =>
        ChangeVersion(request.Name, (_, version, name) => VersionStates.Restore(version, name));

    private CryptoKeyVersion ChangeVersion(string versionName, Func<StoredKey, StoredVersion, string, StoredVersion> change)
    {
        var name = Named(versionName, ResourceKind.CryptoKeyVersion);
        var changed = keys.Change(name.Parent, key => key.With(change(key, key.Version(name.Id) ?? throw GoogleRefusal.NotFound(name), versionName)));
        return changed.ToMessage(changed.Version(name.Id)!);
    }

    private static List<string> Paths(FieldMask? mask) => mask is null ? [] : [.. mask.Paths];

    /// <summary>Better no list than one that was not filtered.</summary>
    private static void MustNotFilter(string filter)
    {
        if (filter.Length > 0)
            throw GoogleRefusal.Invalid($"The local KMS does not know the filter '{filter}'.");
    }
}
