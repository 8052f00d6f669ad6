using Ear.Local.Kms.Data;
using Ear.Local.Kms.Google.Accounts;
using Ear.Local.Kms.Google.Iam;

namespace Ear.Local.Kms.Google;

/// <summary>The two service accounts that exist from the start, and their key files in the data folder (0600).</summary>
internal sealed class DefaultAccounts(KmsFolder folder, ServiceAccounts accounts, Policies policies)
{
    /// <summary>Of the customer's administrator.</summary>
    public const string CustomerFile = "google-service-account.json";

    /// <summary>Of Ear itself; it may do nothing until a customer lets it.</summary>
    public const string EarFile = "google-ear-service-account.json";

    public const string EarEmail = $"{EarId}@{GoogleService.EarProject}.iam.gserviceaccount.com";

    private const string CustomerId = "administrator";
    private const string EarId = "ear";

    public void Ensure(string tokenUri)
    {
        var customer = Ensure(CustomerId, GoogleService.CustomerProject, CustomerFile, tokenUri);
        if (customer.IsNew)
            policies.Grant(ResourceName.OfProject(GoogleService.CustomerProject), Roles.Owner, customer.Email);
        Ensure(EarId, GoogleService.EarProject, EarFile, tokenUri);
    }

    /// <summary>A file that was lost is replaced by one with another key; one that names an earlier port is corrected.</summary>
    private (string Email, bool IsNew) Ensure(string id, string project, string file, string tokenUri)
    {
        var email = $"{id}@{project}.iam.gserviceaccount.com";
        var isNew = accounts.Find(email) is null;
        if (isNew)
            accounts.Create(id, project);
        var before = folder.Read<ServiceAccountKeyFile>(file);
        var known = before is not null && accounts.Find(email)!.Keys.Any(k => k.Id == before.PrivateKeyId);
        var wanted = known ? before! with { TokenUri = tokenUri } : accounts.AddKey(email, tokenUri);
        if (wanted != before)
            folder.Write(file, wanted);
        return (email, isNew);
    }
}
