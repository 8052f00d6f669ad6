using Ear.Mongod.Kmip;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;
using Ear.Mongod.Storage;

namespace Ear.Mongod.Encryption;

/// <summary>Start-up of encryption: decides which master key this dbPath needs, fetches it, opens the keystore (spec/dataplane.md §1.2–§1.4).</summary>
internal sealed class MasterKeys(MongodOptions options, TimeProvider time, ServerLog log)
{
    private readonly KmipClient _kmip = new(options.Kmip, time, log);

    public KmipClient Kmip => _kmip;

    /// <returns>Null: this dbPath is not encrypted.</returns>
    public async Task<Keystore?> OpenAsync(DataDirectory directory, CancellationToken ct)
    {
        if (directory.Metadata is { } known) RefuseAnotherMode(known, directory.Path);
        if (!options.EnableEncryption)
        {
            if (directory.Metadata is null) directory.Save(new StorageMetadata(false, null));
            return null;
        }
        try
        {
            if (options.Kmip.RotateMasterKey) await RotateAsync(directory, ct);
            return directory.Metadata is { } metadata
                ? Keystore.Open(directory.Path, metadata.MasterKeyId!, await ReadAsync(KnownId(metadata), ct), Nonces.Open(CounterPath(directory)))
                : await CreateAsync(directory, ct);
        }
        catch (KmipException e)
        {
            throw Failed(e.Message, e);
        }
    }

    private static string CounterPath(DataDirectory directory) => Path.Combine(directory.Path, "key.store.counter");

    private async Task<Keystore> CreateAsync(DataDirectory directory, CancellationToken ct)
    {
        var (id, key) = options.EncryptionKeyFile is not null ? (StorageMetadata.LocalKey, KeyFile.Read(options.EncryptionKeyFile))
            : options.Kmip.KeyIdentifier is { } given ? (given, await ReadAsync(given, ct))
            : await NewKeyAsync(ct);
        // Until storage.bson exists the dbPath counts as empty, so a crash in here starts over with another key.
        var keystore = Keystore.Create(directory.Path, id, key, Nonces.Create(CounterPath(directory)));
        directory.Save(new StorageMetadata(true, id));
        return keystore;
    }

    private async Task<(string Id, byte[] Key)> NewKeyAsync(CancellationToken ct)
    {
        var made = await _kmip.CreateKeyAsync(ct);
        log.Info("STORAGE", 29116, "Master encryption key has been created on the key management facility", ("keyManagementFacilityType", "KMIP server"), ("keyIdentifier", made.Id));
        return made;
    }

    private async Task<byte[]> ReadAsync(string id, CancellationToken ct)
    {
        if (options.EncryptionKeyFile is not null) return KeyFile.Read(options.EncryptionKeyFile);
        var (state, key) = await _kmip.ReadKeyAsync(id, ct);
        if (key is null && state is { } bad)
            throw Failed($"Master encryption key is not in the active state on the key management facility. keyIdentifier: {id}, keyState: {bad}");
        if (key is null)
            throw Failed($"Cannot start. Master encryption key is absent on the key management facility. Check configuration options. keyIdentifier: {id}");
        log.Info("STORAGE", 29115, "Master encryption key has been read from the key management facility.", ("keyManagementFacilityType", "KMIP server"), ("keyIdentifier", id));
        return key;
    }

    /// <summary>
    /// A new master key for the same database keys; always ends the process. If we die before storage.bson names the new id, the old key still
    /// opens the old keystore; after it, the new one opens the new; the left-over file of the other is harmless and overwritten or unused.
    /// </summary>
    private async Task RotateAsync(DataDirectory directory, CancellationToken ct)
    {
        if (directory.Metadata is not { MasterKeyId: { } oldId } || oldId == StorageMetadata.LocalKey)
            throw Failed("Master key rotation needs a dbPath that is already encrypted under a KMIP key");
        using var keystore = Keystore.Open(directory.Path, oldId, await ReadAsync(oldId, ct), Nonces.Open(CounterPath(directory)));
        var (newId, newKey) = options.Kmip.KeyIdentifier is { } given ? (given, await ReadAsync(given, ct)) : await NewKeyAsync(ct);
        if (newId == oldId) throw Failed($"Master key rotation: the key '{newId}' is already in use");
        keystore.SaveUnder(directory.Path, newId, newKey);
        directory.Save(new StorageMetadata(true, newId));
        File.Delete(Keystore.PathOf(directory.Path, oldId));
        throw Failed("master key rotation finished successfully");
    }

    private void RefuseAnotherMode(StorageMetadata known, string path)
    {
        if (!known.Encrypted && options.EnableEncryption)
            throw Failed($"Encryption cannot be enabled: {path} holds data files that are not encrypted. --enableEncryption needs an empty dbPath (initial sync)");
        if (known.Encrypted && !options.EnableEncryption)
            throw Failed($"The data files in {path} are encrypted. Start with --enableEncryption and the key options they were created with");
        if (known.Encrypted && (known.MasterKeyId == StorageMetadata.LocalKey) != (options.EncryptionKeyFile is not null))
            throw Failed($"The data files in {path} were encrypted with {(known.MasterKeyId == StorageMetadata.LocalKey ? "an encryption key file" : "a KMIP key")}. Another key facility needs an empty dbPath");
    }

    private string KnownId(StorageMetadata metadata) =>
        options.Kmip.KeyIdentifier is { } given && given != metadata.MasterKeyId
            ? throw Failed($"The key identifier '{given}' of the configuration is not the one the data files were encrypted with, '{metadata.MasterKeyId}'. Use --kmipRotateMasterKey to change it")
            : metadata.MasterKeyId!;

    private static StartupException Failed(string what, Exception? inner = null) =>
        new(ExitCode.PerconaDataAtRestEncryptionError, $"Data-at-Rest Encryption Error: {what}", inner);
}
