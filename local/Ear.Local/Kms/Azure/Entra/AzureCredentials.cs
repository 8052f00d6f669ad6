using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Azure.Entra;

internal sealed record ApplicationSecret(string ClientId, string Secret)
{
    public static ApplicationSecret New() => new(AzureNames.NewGuid().ToString(), AzureNames.NewSecret());

    public override string ToString() => $"Application {ClientId}";
}

/// <summary>The tenant and the applications that exist from the start; made once, at random, and kept in the data folder (0600).</summary>
/// <param name="Customer">The customer's application; may do everything in the vault.</param>
/// <param name="Ear">Ear's own, of another tenant: a guest that needs a service principal here.</param>
internal sealed record AzureCredentials(string TenantId, ApplicationSecret Customer, ApplicationSecret Ear)
{
    private const string FileName = "azure-credentials.json";

    public static AzureCredentials LoadOrCreate(KmsFolder folder)
    {
        if (folder.Read<AzureCredentials>(FileName) is { TenantId: not null, Customer: not null, Ear: not null } existing)
            return existing;
        var created = new AzureCredentials(AzureNames.NewGuid().ToString(), ApplicationSecret.New(), ApplicationSecret.New());
        folder.Write(FileName, created);
        return created;
    }
}
