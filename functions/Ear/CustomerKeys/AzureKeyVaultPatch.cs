using System.Text.RegularExpressions;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

public sealed partial record AzureKeyVaultPatch(
    bool? Enabled,
    string? AzureEnvironment,
    string? ClientId,
    string? SubscriptionId,
    string? TenantId,
    string? ResourceGroupName,
    string? KeyVaultName,
    string? KeyIdentifier,
    RoleId? RoleId,
    bool? RequirePrivateNetworking,
    SecretText? ClientSecret) : KeyPatch(Enabled)
{
    private const string Block = "azureKeyVault";

    public override KeyProvider Provider => KeyProvider.Azure;

    public override SecretText? Secret => ClientSecret;

    public override Outcome<KeySettings> MergeInto(KeySettings? current, KeyPatchTerms terms)
    {
        var now = current as AzureKeyVaultSettings;
        if (now is null && Enabled is null)
            return new Problem.MissingField($"{Block}.enabled");
        if (ParseEnvironment(AzureEnvironment) is not { } environment && AzureEnvironment is not null)
            return new Problem.AzureEnvironmentNotSupported(AzureEnvironment);
        else
            environment = ParseEnvironment(AzureEnvironment) ?? now?.Environment ?? CustomerKeys.AzureEnvironment.Azure;
        // A role takes the place of the credentials, for good (R19).
        var role = RoleId ?? now?.RoleId;
        if (role is not null && ClientSecret is not null)
            return new Problem.InvalidField($"{Block}.secret", "A role is used, which needs no secret; there is no way back to credentials.");
        var wanted = new AzureKeyVaultSettings(
            environment,
            SubscriptionId ?? now?.SubscriptionId ?? "",
            ResourceGroupName ?? now?.ResourceGroupName ?? "",
            KeyVaultName ?? now?.KeyVaultName ?? "",
            KeyIdentifier ?? now?.KeyIdentifier ?? "",
            role is null ? TenantId ?? now?.TenantId : null,
            role is null ? ClientId ?? now?.ClientId : null,
            role is null ? (ClientSecret is null ? now?.SecretName : terms.SecretName) : null,
            role)
        {
            RequirePrivateNetworking = RequirePrivateNetworking ?? now?.RequirePrivateNetworking ?? false,
        };
        return Fault(wanted, terms.Addresses) is { } fault ? fault : wanted;
    }

    public static AzureEnvironment? ParseEnvironment(string? text) => text switch
    {
        "AZURE" => CustomerKeys.AzureEnvironment.Azure,
        "AZURE_CHINA" => CustomerKeys.AzureEnvironment.AzureChina,
        "AZURE_US_GOVERNMENT" => CustomerKeys.AzureEnvironment.AzureUsGovernment,
        _ => null,
    };

    private static Problem? Fault(AzureKeyVaultSettings wanted, KeyAddresses addresses)
    {
        var missing = new (string Field, string? Value)[]
        {
            ("subscriptionID", wanted.SubscriptionId), ("resourceGroupName", wanted.ResourceGroupName), ("keyVaultName", wanted.KeyVaultName), ("keyIdentifier", wanted.KeyIdentifier),
            ("tenantID", wanted.RoleId is null ? wanted.TenantId : "-"), ("clientID", wanted.RoleId is null ? wanted.ClientId : "-"), ("secret", wanted.RoleId is null ? wanted.SecretName : "-"),
        }.FirstOrDefault(f => string.IsNullOrEmpty(f.Value)).Field;
        if (missing is not null)
            return new Problem.MissingField($"{Block}.{missing}");
        var malformed = Malformed(wanted).ToList();
        if (malformed.Count > 0)
            return new Problem.InvalidFields(malformed);
        return AzureKeyIdentifier.Fault(wanted.KeyIdentifier, wanted.Environment, wanted.KeyVaultName, addresses) is { } words
            ? new Problem.AzureKeyIdentifierInvalid(words)
            : null;
    }

    private static IEnumerable<FieldFault> Malformed(AzureKeyVaultSettings wanted)
    {
        foreach (var (field, value) in new[] { ("subscriptionID", wanted.SubscriptionId), ("tenantID", wanted.TenantId), ("clientID", wanted.ClientId) })
        {
            if (value is not null && !Guid.TryParseExact(value, "D", out _))
                yield return new($"{Block}.{field}", "Must be a uuid.");
        }
        if (!ResourceGroup().IsMatch(wanted.ResourceGroupName))
            yield return new($"{Block}.resourceGroupName", "Must be 1 to 90 letters, digits, '-', '_', '.', '(' and ')', not ending with a '.'.");
        if (!VaultName().IsMatch(wanted.KeyVaultName))
            yield return new($"{Block}.keyVaultName", "Must be 3 to 24 letters, digits and hyphens, starting with a letter.");
    }

    [GeneratedRegex(@"\A[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ResourceGroup();

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VaultName();
}
