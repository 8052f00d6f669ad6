using Ear.CustomerKeys;

namespace Ear.Outcomes;

/// <summary>
/// Every way in which Ear refuses, as a closed list: each carries the facts that a person needs. One switch in the doors maps
/// them to a status and Atlas's errorCode (spec atlas-ear §2.4); a test walks the whole list.
/// </summary>
public abstract record Problem
{
    private Problem()
    {
    }

    // Who is asking.
    public sealed record Unauthenticated : Problem;

    public sealed record NotAMember(string ProjectId) : Problem;

    /// <param name="For">What of the request demands it; null: all of it.</param>
    public sealed record RoleMissing(string Role, string? For = null) : Problem;

    // What was sent.
    public sealed record MalformedBody(string Detail) : Problem;

    public sealed record BodyTooLarge(int LimitBytes) : Problem;

    public sealed record InvalidField(string Field, string Description) : Problem;

    /// <summary>Wrong types, all of them at once.</summary>
    public sealed record InvalidFields(IReadOnlyList<FieldFault> Faults) : Problem;

    public sealed record MissingField(string Field) : Problem;

    public sealed record UnsupportedContentType(string Asked) : Problem;

    public sealed record InvalidProjectId(string Text) : Problem;

    public sealed record UnknownMediaTypeVersion(string? Asked) : Problem;

    // How it was asked.
    public sealed record RateLimited(TimeSpan RetryAfter) : Problem;

    /// <summary>Under this key another body was sent before.</summary>
    public sealed record IdempotencyKeyReused(string Key) : Problem;

    /// <summary>If-Match named other versions.</summary>
    public sealed record AnotherVersion(string What, long Version) : Problem;

    // Credentials as resources.
    public sealed record ApiKeyNotFound(string Id) : Problem;

    public sealed record ServiceAccountNotFound(string ClientId) : Problem;

    public sealed record SecretNotFound(string SecretId, string ClientId) : Problem;

    public sealed record TooManySecrets(string ClientId, int Most) : Problem;

    public sealed record TooManyApiKeys(int Most) : Problem;

    public sealed record TooManyServiceAccounts(int Most) : Problem;

    /// <summary>Without this one nobody could change the project any more.</summary>
    /// <param name="Goes">It was to leave the project, or its last secret was to go; false: it was to stay, with a lesser role.</param>
    public sealed record LastOwner(string ProjectId, bool Goes) : Problem;

    // What is not there.
    public sealed record ProjectNotFound(string ProjectId) : Problem;

    public sealed record ClusterNotFound(string ClusterName, string ProjectId) : Problem;

    public sealed record RoleNotFound(string RoleId) : Problem;

    public sealed record AlertNotFound(string AlertId, string ProjectId) : Problem;

    public sealed record ResourceNotFound(string Path) : Problem;

    // Projects.
    public sealed record ProjectNameTaken(string Name) : Problem;

    public sealed record ProjectNameNotFound(string Name) : Problem;

    public sealed record OrganizationNotFound(string OrgId) : Problem;

    public sealed record ProjectHasClusters(string ProjectId, IReadOnlyList<string> ClusterNames) : Problem;

    /// <summary>What they lead to is the customer's, and nobody would be left to take them away.</summary>
    public sealed record ProjectHasPrivateEndpoints(string ProjectId, IReadOnlyList<string> EndpointIds) : Problem;

    /// <summary>Atlas has it, this Ear does not, and no field is to blame.</summary>
    public sealed record NotOffered(string What) : Problem;

    public sealed record MaintenanceWindowNotDefined(string ProjectId) : Problem;

    public sealed record MaintenanceNotScheduled(string ProjectId) : Problem;

    /// <summary>R88: the backup compliance policy cannot begin.</summary>
    public sealed record ClustersWithoutCustomerKeys(IReadOnlyList<string> ClusterNames) : Problem;

    /// <summary>R88: the backup compliance policy forbids a cluster without a customer's key.</summary>
    public sealed record ComplianceDemandsEncryption(string ClusterName) : Problem;

    /// <summary>R88: the backup compliance policy forbids a project without any provider.</summary>
    public sealed record ComplianceDemandsProvider : Problem;

    // Clusters.
    public sealed record ClusterNameInvalid(string Name) : Problem;

    public sealed record DeletionAlreadyRequested(string Name, string ProjectId) : Problem;

    public sealed record TerminationProtected(string Name) : Problem;

    public sealed record DuplicateClusterName(string Name, string ProjectId) : Problem;

    public sealed record TenantCannotUseEncryptionAtRest(string InstanceSize) : Problem;

    public sealed record EncryptionAtRestNotEnabled(KeyProvider Provider) : Problem;

    public sealed record ProviderNotSupported(string Provider) : Problem;

    /// <summary>Not one of the words that name a key provider.</summary>
    public sealed record InvalidProvider(string Text) : Problem;

    public sealed record CannotChangeProvider(string ClusterName, KeyProvider From, KeyProvider To) : Problem;

    public sealed record NotRunHere(string Field, string What) : Problem;

    // Clusters: pause, resume, failover, other kinds.
    public sealed record CannotCreatePausedCluster(string Name) : Problem;

    public sealed record ClusterAlreadyPaused(string Name) : Problem;

    public sealed record CannotUpdatePausedCluster(string Name) : Problem;

    public sealed record CannotUpdateAndPauseCluster(string Name) : Problem;

    public sealed record CannotPauseWithPendingChanges(string Name) : Problem;

    /// <summary>R90: it must have run for a while after it was resumed.</summary>
    public sealed record CannotPauseRecentlyResumed(string Name, DateTimeOffset Until) : Problem;

    public sealed record CannotPauseNvmeCluster(string Name, string InstanceSize) : Problem;

    /// <summary>R92: a failover may not be tested now.</summary>
    public sealed record ClusterRestartInvalid(string Name, string Reason) : Problem;

    public sealed record ClusterRestartInProgress(string Name) : Problem;

    public sealed record NotAFlexCluster(string Name) : Problem;

    public sealed record ContainerNotFound(string ContainerId, string ProjectId) : Problem;

    // Customer keys.
    public sealed record MissingEncryptionAtRestProvider : Problem;

    public sealed record ProviderInUse(KeyProvider Provider, IReadOnlyList<string> ClusterNames) : Problem;

    /// <summary>R50: without a currently valid key, the key cannot be changed and encryption cannot be disabled.</summary>
    public sealed record SettingsInvalid(KeyProvider Provider, string Reason) : Problem;

    public sealed record RoleNotAuthorized(string RoleId) : Problem;

    public sealed record CannotAssumeRole(string RoleArn) : Problem;

    public sealed record RoleInUse(KeyProvider Provider, string RoleId) : Problem;

    public sealed record AccessKeysDeprecated : Problem;

    public sealed record RegionNotSupported(string Region) : Problem;

    public sealed record AzureEnvironmentNotSupported(string Environment) : Problem;

    public sealed record AzureKeyIdentifierInvalid(string Description) : Problem;

    /// <summary>Not a service-account key; the description holds no part of it.</summary>
    public sealed record GoogleCredentialsMalformed(string Description) : Problem;

    /// <summary>R21: it works, and ends too soon to be relied on.</summary>
    public sealed record KeyExpiring(KeyProvider Provider, DateTimeOffset Expires) : Problem;

    /// <summary>An authenticated answer said no, at configuration time (R15).</summary>
    public sealed record KeyRefused(KeyProvider Provider, InvalidReason Reason, string Detail) : Problem;

    /// <summary>No answer about the key could be had, at configuration time: try again.</summary>
    public sealed record KeyUnreachable(KeyProvider Provider, UnknownReason Reason, string Detail) : Problem;

    // Private endpoints.
    /// <summary>Not a region of the provider, or not one in which an endpoint can be.</summary>
    public sealed record InvalidRegion(KeyProvider Provider, string Region) : Problem;

    /// <summary>A region of the cloud in which this Ear has no network of its own.</summary>
    /// <param name="Regions">Where it has one.</param>
    public sealed record RegionNotLinked(KeyProvider Provider, string Region, IReadOnlyList<string> Regions) : Problem;

    public sealed record PrivateEndpointNotFound(string EndpointId, string ProjectId) : Problem;

    /// <summary>R67: one a region and provider.</summary>
    public sealed record PrivateEndpointExists(KeyProvider Provider, string Region, string EndpointId) : Problem;

    /// <summary>R62: the key configuration must ask for private networking first.</summary>
    public sealed record PrivateNetworkingNotRequired(KeyProvider Provider) : Problem;

    /// <summary>R70: neither the provider nor its private networking can be switched off while endpoints exist.</summary>
    public sealed record PrivateEndpointsLeft(KeyProvider Provider, IReadOnlyList<string> EndpointIds) : Problem;

    /// <summary>R58, R69: what the endpoints lead to cannot become something else.</summary>
    public sealed record FixedByPrivateEndpoints(IReadOnlyList<string> Fields) : Problem;

    /// <summary>R74, where Ear is told to refuse as Atlas does (C18).</summary>
    public sealed record PrivateEndpointStillProvisioning(string EndpointId) : Problem;

    /// <summary>R61, R71, R72: a cluster in another cloud, or in more regions than the key, cannot use the key in private.</summary>
    public sealed record OutOfPrivateReach(KeyProvider Provider, IReadOnlyList<string> What) : Problem;

    /// <summary>R68.</summary>
    public sealed record NoActivePrivateEndpoint(KeyProvider Provider, IReadOnlyList<string> Regions) : Problem;

    // Alerts.
    public sealed record MissingNotifications : Problem;

    public sealed record MissingThreshold(string EventType) : Problem;

    public sealed record InvalidEventTypeForAlert(string EventType) : Problem;

    public sealed record InvalidAlertConfigId(string Text) : Problem;

    public sealed record AlertConfigNotFound(string AlertConfigId, string ProjectId) : Problem;

    /// <summary>Only what is open can be acknowledged.</summary>
    public sealed record AlertNotOpen(string AlertId) : Problem;

    // Machines of the operator.
    public sealed record NodeNotFound(string NodeId, string ProjectId) : Problem;

    public sealed record NodeRemoved(string NodeId) : Problem;

    /// <summary>An agent has the node's place.</summary>
    public sealed record NodeEnrolled(string NodeId, string Machine) : Problem;

    /// <summary>Another machine was given a token, which is still good.</summary>
    public sealed record NodeTaken(string NodeId, string Machine, DateTimeOffset Until) : Problem;

    /// <summary>Ear starts this node's machine by itself.</summary>
    public sealed record NodeNotAwaited(string NodeId) : Problem;

    // Everything else.
    public sealed record Conflict(string What) : Problem;

    public sealed record TooManyRequests(TimeSpan RetryAfter) : Problem;
}

/// <param name="Field">Path of the field: <c>awsKms.enabled</c>.</param>
public sealed record FieldFault(string Field, string Description);
