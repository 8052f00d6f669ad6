using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Keys;
using Ear.Local.Kms.Aws.Signing;
using Ear.Local.Kms.Aws.Sts;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws;

/// <summary>The parts of the simulated AWS, put together.</summary>
internal sealed class AwsService
{
    public AwsService(KmsFolder folder, KmsDocuments documents, Seal seal, ServiceClock clock)
    {
        Clock = clock;
        Credentials = AwsCredentials.LoadOrCreate(folder);
        Roles = new Roles(documents, clock);
        Keys = new KmsKeys(documents, seal, clock);
        var sessions = new Sessions(seal, Roles, clock);
        Signers = new Signers(Credentials, sessions, clock);
        Kms = new KmsOperations(Keys, new KmsAliases(documents, Keys, clock), clock);
        Sts = new StsOperations(Roles, sessions);
        Iam = new IamOperations(Roles);
        // Trusts Ear, and the customer too, who can so try the role out with the credentials that are printed.
        if (Roles.Find(AwsNames.DefaultRole) is null)
            Roles.Put(AwsNames.DefaultRole, [AwsNames.ControlPlaneArn, AwsNames.CustomerAdministratorArn], Credentials.ExternalId, Roles.KeyUserActions);
    }

    public ServiceClock Clock { get; }

    public AwsCredentials Credentials { get; }

    public Roles Roles { get; }

    public KmsKeys Keys { get; }

    public Signers Signers { get; }

    public KmsOperations Kms { get; }

    public StsOperations Sts { get; }

    public IamOperations Iam { get; }
}
