using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Functions.Http.Answers;

/// <summary>The one switch from a refusal to what HTTP says; codes are Atlas's own where one exists (spec atlas-ear §2.4). A test walks every problem.</summary>
internal static class ProblemAnswers
{
    /// <summary>A body can have a fault in each of its places; an answer tells the first of them.</summary>
    private const int MostFaults = 100;

    /// <summary>How long a client waits before it asks about a key again that gave no answer.</summary>
    internal static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    public static ErrorAnswer Of(Problem problem) => problem switch
    {
        Problem.Unauthenticated => new(401, "USER_UNAUTHORIZED", "You are not authorized for this resource: send a valid API key (HTTP Digest) or access token."),
        Problem.NotAMember p => new(401, "NOT_IN_GROUP", $"The credential has no role in the project {p.ProjectId}.", p.ProjectId),
        Problem.RoleMissing p => new(403, "ACCESS_FORBIDDEN", $"The credential lacks the role {p.Role}{(p.For is { } part ? $", which {part} demands" : "")}.", p.Role),

        Problem.MalformedBody p => new(400, "MALFORMED_JSON", $"The body could not be read. {p.Detail}"),
        Problem.BodyTooLarge p => new(413, "REQUEST_BODY_TOO_LARGE", $"The body is larger than {p.LimitBytes} bytes.", p.LimitBytes.ToString()),
        Problem.InvalidField p => new(400, "INVALID_ATTRIBUTE", $"Invalid attribute {p.Field} specified. {p.Description}", p.Field) { Fields = [new(p.Field, p.Description)] },
        Problem.InvalidFields p => Invalid([.. p.Faults.Take(MostFaults)]),
        Problem.MissingField p => new(400, "MISSING_ATTRIBUTE", $"The required attribute {p.Field} was not specified.", p.Field) { Fields = [new(p.Field, "Required.")] },
        Problem.InvalidProjectId p => new(404, "INVALID_GROUP_ID", $"An invalid group ID {p.Text} was specified.", p.Text),
        Problem.UnknownMediaTypeVersion p => new(406, "INVALID_VERSION_DATE",
            $"No version of this resource answers to '{p.Asked ?? "no Accept header"}'. Send Accept: application/vnd.atlas.YYYY-MM-DD+json with a date on which it existed.", p.Asked ?? ""),
        Problem.UnsupportedContentType p => new(415, "UNSUPPORTED_MEDIA_TYPE", $"Content-Type {p.Asked} is not taken: send application/json or application/vnd.atlas.YYYY-MM-DD+json.", p.Asked),

        Problem.RateLimited p => new(429, "RATE_LIMITED_TOKEN_BUCKET", "This credential has made too many requests; wait as Retry-After says.") { RetryAfter = p.RetryAfter },
        Problem.IdempotencyKeyReused p => new(422, "IDEMPOTENCY_KEY_REUSED", $"The Idempotency-Key {p.Key} was used with another body before. A repeat sends the same body; another request needs another key.", p.Key),
        Problem.AnotherVersion p => new(412, "PRECONDITION_FAILED", $"{p.What} has another version than If-Match names: {p.Version}. GET it, and decide again.", p.What, p.Version.ToString()),

        Problem.ApiKeyNotFound p => new(400, "API_KEY_NOT_FOUND", $"No API key with ID {p.Id} exists in this project.", p.Id),
        Problem.ServiceAccountNotFound p => new(404, "SERVICE_ACCOUNT_NOT_FOUND", $"No service account with client ID {p.ClientId} exists in this project.", p.ClientId),
        Problem.SecretNotFound p => new(404, "SERVICE_ACCOUNT_SECRET_NOT_FOUND", $"The service account {p.ClientId} has no secret with ID {p.SecretId}.", p.SecretId, p.ClientId),
        Problem.TooManySecrets p => new(400, "SERVICE_ACCOUNT_SECRET_LIMIT_REACHED", $"The service account {p.ClientId} has {p.Most} secrets already; delete one that is not in use.", p.ClientId),
        Problem.TooManyApiKeys p => new(400, "MAX_API_KEYS_PER_ORG_EXCEEDED", $"The project has {p.Most} API keys already, and cannot have more; delete unused ones.", p.Most.ToString()),
        Problem.TooManyServiceAccounts p => new(400, "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED", $"The project has {p.Most} service accounts already, and cannot have more; delete unused ones.", p.Most.ToString()),
        Problem.LastOwner p => new(403, p.Goes ? "CANNOT_DELETE_LAST_OWNER" : "CANNOT_DEMOTE_LAST_OWNER",
            $"This is the last credential that owns the project {p.ProjectId} and can sign in. Give another one the role Project Owner first.", p.ProjectId),

        Problem.ProjectNotFound p => new(404, "GROUP_NOT_FOUND", $"No group with ID {p.ProjectId} exists.", p.ProjectId),
        Problem.ClusterNotFound p => new(404, "CLUSTER_NOT_FOUND", $"No cluster named {p.ClusterName} exists in group {p.ProjectId}.", p.ClusterName, p.ProjectId),
        Problem.RoleNotFound p => new(404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", $"No cloud provider access role {p.RoleId} exists in this project.", p.RoleId),
        Problem.AlertNotFound p => new(404, "ALERT_NOT_FOUND", $"No alert with ID {p.AlertId} exists in group {p.ProjectId}.", p.AlertId, p.ProjectId),
        Problem.ResourceNotFound p => new(404, "RESOURCE_NOT_FOUND", $"Cannot find resource {p.Path}.", p.Path),

        Problem.ProjectNameTaken p => new(409, "GROUP_ALREADY_EXISTS", $"A group with name {p.Name} already exists in this organization.", p.Name),
        Problem.ProjectNameNotFound p => new(404, "GROUP_NAME_NOT_FOUND", $"No group with name {p.Name} exists.", p.Name),
        Problem.OrganizationNotFound p => new(404, "ORG_NOT_FOUND", $"No organization with ID {p.OrgId} exists.", p.OrgId),
        Problem.ProjectHasClusters p => new(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS",
            $"The group {p.ProjectId} cannot be deleted while it has clusters: {string.Join(", ", p.ClusterNames)}. Delete them and wait until they are gone.", p.ProjectId),
        Problem.ProjectHasPrivateEndpoints p => new(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_PRIVATE_ENDPOINT_SERVICES",
            $"The group {p.ProjectId} cannot be deleted while it has private endpoints: {string.Join(", ", p.EndpointIds)}. Delete them and wait until they are gone.", p.ProjectId),
        Problem.NotOffered p => new(403, "FEATURE_UNSUPPORTED", p.What),
        Problem.MaintenanceWindowNotDefined p => new(400, "ATLAS_MAINTENANCE_WINDOW_NOT_DEFINED", $"The group {p.ProjectId} has no maintenance window of its own: PATCH maintenanceWindow first.", p.ProjectId),
        Problem.MaintenanceNotScheduled p => new(400, "ATLAS_MAINTENANCE_NOT_SCHEDULED", $"No maintenance is scheduled for the group {p.ProjectId}.", p.ProjectId),
        Problem.ClustersWithoutCustomerKeys p => new(400, "ENCRYPTION_AT_REST_NOT_ENABLED",
            $"The backup compliance policy cannot demand encryption at rest while clusters are without customer key management: {string.Join(", ", p.ClusterNames)}. Set their encryptionAtRestProvider first.",
            (object)p.ClusterNames.ToArray()),
        Problem.ComplianceDemandsEncryption p => new(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY",
            $"The backup compliance policy of this project demands encryption at rest with customer key management: the cluster {p.ClusterName} needs an encryptionAtRestProvider.", p.ClusterName),
        Problem.ComplianceDemandsProvider => new(400, "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED",
            "The backup compliance policy of this project demands encryption at rest: at least one provider stays enabled."),

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
        Problem.CannotCreatePausedCluster p => new(400, "CANNOT_CREATE_PAUSED_CLUSTER", $"The cluster {p.Name} cannot be created paused: create it, wait for IDLE, then pause it.", p.Name),
        Problem.ClusterAlreadyPaused p => new(409, "CLUSTER_ALREADY_PAUSED", $"The cluster {p.Name} is already paused.", p.Name),
        Problem.CannotUpdatePausedCluster p => new(409, "CANNOT_UPDATE_PAUSED_CLUSTER", $"The cluster {p.Name} is paused: resume it by paused: false alone, then change it.", p.Name),
        Problem.CannotUpdateAndPauseCluster p => new(409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER", $"The cluster {p.Name} cannot be changed and paused in one request: change it, wait for IDLE, then pause it.", p.Name),
        Problem.CannotPauseWithPendingChanges p => new(409, "CANNOT_PAUSE_CLUSTER_WITH_PENDING_CHANGES", $"The cluster {p.Name} has changes that are not carried out yet: wait for IDLE, then pause it.", p.Name),
        Problem.CannotPauseRecentlyResumed p => new(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER",
            $"The cluster {p.Name} was resumed less than 60 minutes ago: it can be paused again from {AtlasTime.Format(p.Until)}.", p.Name),
        Problem.CannotPauseNvmeCluster p => new(409, "CANNOT_PAUSE_NVME_CLUSTER", $"The cluster {p.Name} cannot be paused: {p.InstanceSize} has its data on the machine's own NVMe disk.", p.Name),
        Problem.ClusterRestartInvalid p => new(400, "CLUSTER_RESTART_INVALID", $"The primary of the cluster {p.Name} is not restarted now: {p.Reason}.", p.Name),
        Problem.ClusterRestartInProgress p => new(400, "CLUSTER_RESTART_IN_PROGRESS", $"A restart of the primary of the cluster {p.Name} is already under way.", p.Name),
        Problem.NotAFlexCluster p => new(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", $"The cluster {p.Name} is not a Flex cluster: use the clusters resource.", p.Name),
        Problem.ContainerNotFound p => new(404, "CLOUD_PROVIDER_CONTAINER_NOT_FOUND", $"No container with ID {p.ContainerId} exists in group {p.ProjectId}.", p.ContainerId, p.ProjectId),

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
        Problem.RoleInUse p => new(400, p.Provider is KeyProvider.Aws ? "AWS_IAM_ROLE_IN_USE" : p.Provider is KeyProvider.Azure ? "AZURE_SERVICE_PRINCIPAL_IN_USE" : "GCP_SERVICE_ACCOUNT_IN_USE",
            $"The cloud provider access role {p.RoleId} is used by encryption at rest, so it can be neither changed nor deleted.", p.RoleId),
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

        Problem.InvalidRegion p => new(400, "INVALID_REGION", $"The region {p.Region} is no {p.Provider.AtlasName()} region for private endpoints.", p.Region)
        {
            Fields = [new("regionName", $"Must be a region of {p.Provider.AtlasName()} as Atlas writes it: {(p.Provider is KeyProvider.Azure ? "US_EAST_2" : "US_EAST_1")}.")],
        },
        Problem.RegionNotLinked p => new(400, "INVALID_REGION",
            $"This Ear makes no private endpoints in the {p.Provider.AtlasName()} region {p.Region}; it does in {string.Join(", ", p.Regions)}.", p.Region)
        {
            Fields = [new("regionName", $"Must be one of {string.Join(", ", p.Regions)}.")],
        },
        Problem.PrivateEndpointNotFound p => new(404, "RESOURCE_NOT_FOUND", $"No private endpoint {p.EndpointId} exists in group {p.ProjectId}.", p.EndpointId, p.ProjectId),
        Problem.PrivateEndpointExists p => new(409, "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION",
            $"The private endpoint {p.EndpointId} already holds the {p.Provider.AtlasName()} region {p.Region}: a region has one. Delete it first to make another one.", p.Provider.AtlasName(), p.Region),
        Problem.PrivateNetworkingNotRequired p => new(400, "INVALID_ATTRIBUTE",
            $"Encryption at rest with {p.Provider.AtlasName()} does not use private networking: PATCH encryptionAtRest with {Block(p.Provider)}.requirePrivateNetworking true first.",
            $"{Block(p.Provider)}.requirePrivateNetworking"),
        Problem.PrivateEndpointsLeft p => new(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS",
            $"Encryption at rest with {p.Provider.AtlasName()}, and its private networking, cannot be disabled while private endpoints exist, in whatever state: delete {string.Join(", ", p.EndpointIds)} and wait until they are gone.",
            (object)p.EndpointIds.ToArray()),
        Problem.FixedByPrivateEndpoints p => new(400, "INVALID_ATTRIBUTE",
            $"Invalid attribute {string.Join(", ", p.Fields)} specified. Private endpoints lead to the key vault that is configured: another key of the same vault can be taken, another vault only after all of them are deleted.",
            string.Join(", ", p.Fields))
        {
            Fields = [.. p.Fields.Select(f => new FieldFault(f, "Cannot change while private endpoints exist."))],
        },
        Problem.PrivateEndpointStillProvisioning p => new(400, "ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_DELETE_BLOCKED_DURING_PROVISIONING",
            $"The private endpoint {p.EndpointId} is still being made and cannot be deleted until it has another status than INITIATING.", (object)new[] { p.EndpointId }),
        Problem.OutOfPrivateReach p => new(400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED",
            $"Private networking to the {p.Provider.AtlasName()} key needs clusters in {p.Provider.AtlasName()} regions only, and for several regions a multi-Region key: {string.Join(", ", p.What)}.", p.Provider.AtlasName()),
        Problem.NoActivePrivateEndpoint p => new(400, "INVALID_REGION",
            $"Private networking to the {p.Provider.AtlasName()} key is in use, and no private endpoint is ACTIVE in {string.Join(", ", p.Regions)}: make one there first, and have it approved.",
            (object)p.Regions.ToArray()),

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
        Problem.InvalidAlertConfigId p => new(404, "INVALID_ALERT_CONFIG_ID", $"An invalid alert configuration ID {p.Text} was specified: 24 lower-case hexadecimal characters.", p.Text),
        Problem.AlertConfigNotFound p => new(404, "ALERT_CONFIG_NOT_FOUND", $"No alert configuration with ID {p.AlertConfigId} exists in group {p.ProjectId}.", p.AlertConfigId, p.ProjectId),
        Problem.AlertNotOpen p => new(400, "INVALID_ATTRIBUTE", $"The alert {p.AlertId} is resolved: only an open alert can be acknowledged.", p.AlertId),

        Problem.NodeNotFound p => new(404, "NODE_NOT_FOUND", $"No node {p.NodeId} exists in group {p.ProjectId}.", p.NodeId, p.ProjectId),
        Problem.NodeRemoved p => new(410, "NODE_REMOVED", $"The node {p.NodeId} was removed from its cluster; no machine is needed for it any more.", p.NodeId),
        Problem.NodeEnrolled p => new(409, "NODE_ALREADY_ENROLLED", $"The node {p.NodeId} runs on the machine {p.Machine}, whose agent has enrolled.", p.NodeId, p.Machine),
        Problem.NodeTaken p => new(409, "NODE_TAKEN",
            $"The node {p.NodeId} is taken by the machine {p.Machine}, whose token is good until {AtlasTime.Format(p.Until)}. Take another node, or DELETE the machine from this one first.", p.NodeId, p.Machine),
        Problem.NodeNotAwaited p => new(409, "NODE_NOT_AWAITED", $"The node {p.NodeId} waits for no machine: this Ear starts it by itself.", p.NodeId),
        Problem.Conflict p => new(409, "CONCURRENT_MODIFICATION", $"{p.What} was changed by somebody else at the same time; try again.", p.What) { RetryAfter = TimeSpan.FromSeconds(1) },
        Problem.TooManyRequests p => new(429, "RATE_LIMITED", "Too many requests; wait as Retry-After says.") { RetryAfter = p.RetryAfter },
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, "A refusal without an answer: add it here."),
    };

    private static string Block(KeyProvider provider) => provider switch
    {
        KeyProvider.Aws => "awsKms",
        KeyProvider.Azure => "azureKeyVault",
        KeyProvider.Gcp => "googleCloudKms",
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
    };

    private static ErrorAnswer Invalid(FieldFault[] faults)
    {
        var names = string.Join(", ", faults.Select(f => f.Field));
        return new(400, "VALIDATION_ERROR", $"Invalid attributes specified: {names}.", names) { Fields = faults };
    }
}
