namespace Ear.Local.Kms.Azure.Entra;

/// <summary>Entra says no. Microsoft asks to go by <c>error</c> and says that the numbers may change; so do the tests of this project's clients.</summary>
/// <param name="error">OAuth's code.</param>
/// <param name="number">After AADSTS; 0: none.</param>
internal sealed class EntraRefusal(int status, string error, int number, string text) : AzureRefusal(status, error, text)
{
    public int Number { get; } = number;

    public override string Outcome => Number == 0 ? Code : $"AADSTS{Number}";

    public static EntraRefusal TenantNotFound(string tenant, string error = "invalid_request") => new(
        400, error, 90002,
        $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.");

    public static EntraRefusal MalformedTenant(string tenant) => new(
        400, "invalid_request", 900023, $"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.");

    public static EntraRefusal Missing(string parameter) => new(
        400, "invalid_request", 900144, $"The request body must contain the following parameter: '{parameter}'.");

    public static EntraRefusal UnsupportedGrant(string grant) => new(
        400, "unsupported_grant_type", 70003, $"The app requested an unsupported grant type '{grant}'.");

    public static EntraRefusal UnknownApplication(string clientId, string tenant) => new(
        400, "unauthorized_client", 700016,
        $"Application with identifier '{clientId}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.");

    public static EntraRefusal Disabled(Application application) => new(
        400, "unauthorized_client", 7000112, $"Application '{application.ClientId}'({application.DisplayName}) is disabled.");

    public static EntraRefusal NoCredential() => new(
        401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");

    public static EntraRefusal WrongSecret(string clientId) => new(
        401, "invalid_client", 7000215,
        $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{clientId}'.");

    public static EntraRefusal ExpiredSecret(string clientId) => new(
        401, "invalid_client", 7000222,
        $"The provided client secret keys for app '{clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.");

    public static EntraRefusal MalformedAssertion() => new(
        400, "invalid_request", 50027, "JWT token is invalid or malformed.");

    public static EntraRefusal AssertionSignature(string? key) => new(
        401, "invalid_client", 700027,
        $"The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{key}'].");

    public static EntraRefusal AssertionAudience() => new(
        401, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.");

    public static EntraRefusal AssertionSubject() => new(
        401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.");

    public static EntraRefusal NoFederation() => new(
        401, "invalid_client", 70021, "No matching federated identity record found for presented assertion.");

    public static EntraRefusal AssertionTime(DateTimeOffset now, DateTimeOffset? from, DateTimeOffset? until) => new(
        401, "invalid_client", 700024,
        $"Client assertion is not within its valid time range. Current time: {now:O}, assertion valid from {from:O}, expiry time of assertion {until:O}.");

    public static EntraRefusal InvalidScope(string scope) => new(
        400, "invalid_scope", 1002012,
        $"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");

    public static EntraRefusal UnknownResource(string resource, string tenant) => new(
        400, "invalid_resource", 500011,
        $"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.");

    public static EntraRefusal ConditionalAccess() => new(
        400, "invalid_grant", 53003, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.");
}
