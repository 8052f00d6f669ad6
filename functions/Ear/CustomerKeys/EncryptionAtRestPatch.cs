using System.Text;
using Ear.Outcomes;

namespace Ear.CustomerKeys;

/// <summary>What a PATCH of the project's configuration says: a merge per provider, null where it says nothing (spec atlas-ear §2.1 rule 2).</summary>
public sealed record EncryptionAtRestPatch(AwsKmsPatch? Aws, AzureKeyVaultPatch? Azure, GoogleCloudKmsPatch? Gcp, bool? EnabledForSearchNodes)
{
    /// <summary>The providers that it names.</summary>
    public IReadOnlyList<KeyPatch> Named => [.. new KeyPatch?[] { Aws, Azure, Gcp }.OfType<KeyPatch>()];
}

/// <summary>One provider's part of a PATCH. Null fields were not sent, and stay as they are.</summary>
public abstract record KeyPatch(bool? Enabled)
{
    public abstract KeyProvider Provider { get; }

    /// <summary>The credential that was sent.</summary>
    public abstract SecretText? Secret { get; }

    /// <summary>The settings that are wanted. Later changes need only what changes; the first one needs all (R16).</summary>
    public abstract Outcome<KeySettings> MergeInto(KeySettings? current, KeyPatchTerms terms);
}

/// <param name="SecretName">Under which a credential that was sent will be kept.</param>
public sealed record KeyPatchTerms(string SecretName, KeyAddresses Addresses);

/// <summary>A credential on its way from the door into <see cref="Secrets.ISecrets"/>: printed by nothing.</summary>
public sealed class SecretText(string value)
{
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(value);

    /// <summary>To look whether it is one.</summary>
    public string Reveal() => value;

    public override string ToString() => "(secret)";
}
