using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Signing;

internal sealed record AccessKey(string AccessKeyId, string SecretAccessKey)
{
    public static AccessKey New() => new(AwsNames.NewId("AKIA"), AwsNames.NewSecret());

    public override string ToString() => $"AccessKey {AccessKeyId}";
}

/// <summary>The two long-lived access keys; made once, at random, and kept in the data folder (0600).</summary>
/// <param name="Customer">May do everything in the customer's account.</param>
/// <param name="ControlPlane">Ear's own: may only assume roles that trust it.</param>
/// <param name="ExternalId">External id of the role that exists from the start.</param>
internal sealed record AwsCredentials(AccessKey Customer, AccessKey ControlPlane, string ExternalId)
{
    private const string FileName = "aws-credentials.json";

    public static AwsCredentials LoadOrCreate(KmsFolder folder)
    {
        if (folder.Read<AwsCredentials>(FileName) is { Customer: not null, ControlPlane: not null, ExternalId: not null } existing)
            return existing;
        var created = new AwsCredentials(AccessKey.New(), AccessKey.New(), AwsNames.NewGuid().ToString());
        folder.Write(FileName, created);
        return created;
    }

    public (AwsCaller Caller, string Secret)? Find(string accessKeyId) =>
        accessKeyId == Customer.AccessKeyId ? (new CustomerAdministrator(), Customer.SecretAccessKey)
        : accessKeyId == ControlPlane.AccessKeyId ? (new ControlPlane(), ControlPlane.SecretAccessKey)
        : null;
}
