using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Functions.Http.Answers;

/// <summary>The one switch from a refusal to what HTTP says; codes are Atlas's own where one exists (spec atlas-ear §2.4). A test walks every problem.</summary>
internal static class ProblemAnswers
{
    /// <summary>How long a client waits before it asks about a key again that gave no answer.</summary>
    internal static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    public static ErrorAnswer Of(Problem problem) => problem switch
    {
        Problem.Unauthenticated => new(401, "USER_UNAUTHORIZED", "You are not authorized for this resource: send a valid API key (HTTP Digest) or access token."),
        Problem.NotAMember p => new(401, "NOT_IN_GROUP", $"The credential has no role in the project {p.ProjectId}.", p.ProjectId),
        Problem.RoleMissing p => new(403, "ACCESS_FORBIDDEN", $"The credential lacks the role {p.Role}.", p.Role),

        Problem.MalformedBody p => new(400, "MALFORMED_JSON", $"The body could not be read. {p.Detail}"),
        Problem.BodyTooLarge p => new(413, "REQUEST_BODY_TOO_LARGE", $"The body is larger than {p.LimitBytes} bytes.", p.LimitBytes.ToString()),
        Problem.InvalidField p => new(400, "INVALID_ATTRIBUTE", $"Invalid attribute {p.Field} specified. {p.Description}", p.Field) { Fields = [new(p.Field, p.Description)] },
        Problem.InvalidFields p => new(400, "VALIDATION_ERROR", $"Invalid attributes specified: {Names(p.Faults)}.", Names(p.Faults)) { Fields = p.Faults },
        Problem.MissingField p => new(400, "MISSING_ATTRIBUTE", $"The required attribute {p.Field} was not specified.", p.Field) { Fields = [new(p.Field, "Required.")] },
        Problem.InvalidProjectId p => new(404, "INVALID_GROUP_ID", $"An invalid group ID {p.Text} was specified.", p.Text),
        Problem.UnknownMediaTypeVersion p => new(406, "INVALID_VERSION_DATE",
            $"No version of this resource answers to '{p.Asked ?? "no Accept header"}'. Send Accept: application/vnd.atlas.YYYY-MM-DD+json with a date on which it existed.", p.Asked ?? ""),
        Problem.UnsupportedContentType p => new(415, "UNSUPPORTED_MEDIA_TYPE", $"Content-Type {p.Asked} is not taken: send application/json or application/vnd.atlas.YYYY-MM-DD+json.", p.Asked),

        Problem.ProjectNotFound p => new(404, "GROUP_NOT_FOUND", $"No group with ID {p.ProjectId} exists.", p.ProjectId),
        Problem.ClusterNotFound p => new(404, "CLUSTER_NOT_FOUND", $"No cluster named {p.ClusterName} exists in group {p.ProjectId}.", p.ClusterName, p.ProjectId),
        Problem.RoleNotFound p => new(404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", $"No cloud provider access role {p.RoleId} exists in this project.", p.RoleId),
        Problem.AlertNotFound p => new(404, "ALERT_NOT_FOUND", $"No alert with ID {p.AlertId} exists in group {p.ProjectId}.", p.AlertId, p.ProjectId),
        Problem.ResourceNotFound p => new(404, "RESOURCE_NOT_FOUND", $"Cannot find resource {p.Path}.", p.Path),

        Problem.ClusterNameInvalid p => new(400, "CLUSTER_NAME_INVALID", $"The cluster name '{p.Name}' is invalid: 1 to 64 letters, digits and hyphens, not starting with a hyphen.", p.Name),
        Problem.DuplicateClusterName p => new(400, "DUPLICATE_CLUSTER_NAME", $"A cluster named {p.Name} is already present in group {p.ProjectId}.", p.Name, p.ProjectId),
        Problem.DeletionAlreadyRequested p => new(400, "CLUSTER_ALREADY_REQUESTED_DELETION", $"The cluster {p.Name} has already been requested for deletion.", p.Name),
        Problem.TerminationProtected p => new(400, "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED",
            $"The cluster {p.Name} has termination protection: set terminationProtectionEnabled to false first.", p.Name),
        Problem.TenantCannotUseEncryptionAtRest p => new(400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT",
            $"Encryption at rest using customer key management needs M10 or larger; {p.InstanceSize} is not.", p.InstanceSize),
        Problem.EncryptionAtRestNotEnabled p => new(400, "ENCRYPTION_AT_REST_NOT_ENABLED",
            $"Encryption at rest with {p.Provider.AtlasName()} is not enabled in this project: configure it by PATCH encryptionAtRest first.", p.Provider.AtlasName()),
        Problem.ProviderNotSupported p => new(400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED", $"Encryption at rest with {p.Provider} is not supported by this Ear.", p.Provider),
        Problem.InvalidProvider p => new(400, "INVALID_ENCRYPTION_AT_REST_PROVIDER", $"Invalid encryption at rest provider {p.Text}: NONE, AWS, AZURE or GCP.", p.Text),
        Problem.CannotChangeProvider p => new(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER",
            $"The cluster {p.ClusterName} cannot go from {p.From.AtlasName()} to {p.To.AtlasName()} directly: set NONE, wait for IDLE, then set {p.To.AtlasName()}.",
            p.ClusterName, p.From.AtlasName(), p.To.AtlasName()),
        Problem.NotRunHere p => new(400, "INVALID_ATTRIBUTE", $"Invalid attribute {p.Field} specified. {p.What} is not run by this Ear.", p.Field)
        {
            Fields = [new(p.Field, $"{p.What} is not run by this Ear.")],
        },

        Problem.MissingEncryptionAtRestProvider => new(400, "MISSING_ENCRYPTION_AT_REST_PROVIDER", "Name at least one of awsKms, azureKeyVault and googleCloudKms."),
        Problem.ProviderInUse p => new(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST",
            $"Encryption at rest with {p.Provider.AtlasName()} cannot be disabled while clusters use it: {string.Join(", ", p.ClusterNames)}. Set their encryptionAtRestProvider to NONE and wait for IDLE, or delete them.",
            (object)p.ClusterNames.ToArray()),
        Problem.SettingsInvalid p => new(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID",
            $"The current {p.Provider.AtlasName()} key is invalid ({p.Reason}), so it can be neither changed nor disabled, and nothing can be encrypted with it. Restore the key or its credentials, then GET encryptionAtRest to try again.",
            p.Provider.AtlasName()),
        Problem.RoleNotAuthorized p => new(400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", $"The cloud provider access role {p.RoleId} is not authorized: PATCH it with the IAM role's ARN first.", p.RoleId),
        Problem.CannotAssumeRole p => new(400, "CANNOT_ASSUME_ROLE", $"Cannot assume the role {p.RoleArn}: check its trust policy (principal and external id); a change takes some seconds to propagate.", p.RoleArn)
        {
            RetryAfter = AskAgain,
        },
        Problem.RoleInUse p => new(409, "CANNOT_DELETE_CLOUD_PROVIDER_ACCESS_ROLE_IN_USE", $"The cloud provider access role {p.RoleId} is used by encryption at rest, so it can be neither changed nor deleted.", p.RoleId),
        Problem.AccessKeysDeprecated => new(400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED",
            "Access keys are no longer taken: POST cloudProviderAccess, trust its principal and external id in an IAM role, PATCH the role's ARN, then send its roleId here."),
        Problem.RegionNotSupported p => new(400, "AWS_KMS_REGION_NOT_SUPPORTED", $"The AWS region {p.Region} is not supported.", p.Region),
        Problem.AzureEnvironmentNotSupported p => new(400, "AZURE_KEY_VAULT_ENVIRONMENT_NOT_SUPPORTED",
            $"The Azure environment {p.Environment} is not supported: AZURE, AZURE_CHINA or AZURE_US_GOVERNMENT.", p.Environment)
        {
            Fields = [new("azureKeyVault.azureEnvironment", "Must be AZURE, AZURE_CHINA or AZURE_US_GOVERNMENT.")],
        },
        Problem.AzureKeyIdentifierInvalid p => new(400, "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT", $"The Azure key identifier is invalid. {p.Description}")
        {
            Fields = [new("azureKeyVault.keyIdentifier", p.Description)],
        },
        Problem.GoogleCredentialsMalformed p => new(400, "INVALID_GOOGLE_CLOUD_CREDENTIALS", $"The Google service-account key is invalid. {p.Description}")
        {
            Fields = [new("googleCloudKms.serviceAccountKey", p.Description)],
        },
        Problem.KeyExpiring p => new(400, p.Provider is KeyProvider.Azure ? "AZURE_KEY_VAULT_KEY_EXPIRING" : "INVALID_ATTRIBUTE",
            $"The key expires at {AtlasTime.Format(p.Expires)}, in less than 48 hours: use one that lasts longer."),
        Problem.KeyRefused p => KeyRefusedAnswers.Of(p),
        Problem.KeyUnreachable p => new(503, "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED", $"No answer about the {p.Provider.AtlasName()} key could be had ({p.Reason}: {p.Detail}). Nothing was changed; try again.",
            p.Provider.AtlasName())
        {
            RetryAfter = AskAgain,
        },

        Problem.MissingNotifications => new(400, "MISSING_NOTIFICATIONS", "At least one notification must be specified for an alert configuration.")
        {
            Fields = [new("notifications", "Required: 1 to 25 of them.")],
        },
        Problem.MissingThreshold p => new(400, "MISSING_THRESHOLD", $"A threshold must be specified for {p.EventType}: {{\"operator\": \"GREATER_THAN\", \"units\": \"DAYS\", \"threshold\": 90}}.", p.EventType)
        {
            Fields = [new("threshold", "Required for this event type.")],
        },
        Problem.InvalidEventTypeForAlert p => new(400, "INVALID_EVENT_TYPE_FOR_ALERT",
            $"The event type {p.EventType} is none that this Ear alerts of: {string.Join(", ", AlertTypes.All)}.", p.EventType)
        {
            Fields = [new("eventTypeName", "Must be a type that this Ear alerts of.")],
        },
        Problem.InvalidAlertConfigId p => new(400, "INVALID_ALERT_CONFIG_ID", $"An invalid alert configuration ID {p.Text} was specified: 24 lower-case hexadecimal characters.", p.Text),
        Problem.AlertConfigNotFound p => new(404, "ALERT_CONFIG_NOT_FOUND", $"No alert configuration with ID {p.AlertConfigId} exists in group {p.ProjectId}.", p.AlertConfigId, p.ProjectId),
        Problem.AlertNotOpen p => new(400, "INVALID_ATTRIBUTE", $"The alert {p.AlertId} is resolved: only an open alert can be acknowledged.", p.AlertId),

        Problem.Conflict p => new(409, "CONCURRENT_MODIFICATION", $"{p.What} was changed by somebody else at the same time; try again.", p.What) { RetryAfter = TimeSpan.FromSeconds(1) },
        Problem.TooManyRequests p => new(429, "RATE_LIMITED", "Too many requests; wait as Retry-After says.") { RetryAfter = p.RetryAfter },
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, "A refusal without an answer: add it here."),
    };

    private static string Names(IReadOnlyList<FieldFault> faults) => string.Join(", ", faults.Select(f => f.Field));
}
