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

    public sealed record RoleMissing(string Role) : Problem;

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

    // What is not there.
    public sealed record ProjectNotFound(string ProjectId) : Problem;

    public sealed record ClusterNotFound(string ClusterName, string ProjectId) : Problem;

    public sealed record RoleNotFound(string RoleId) : Problem;

    public sealed record AlertNotFound(string AlertId, string ProjectId) : Problem;

    public sealed record ResourceNotFound(string Path) : Problem;

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

    // Customer keys.
    public sealed record MissingEncryptionAtRestProvider : Problem;

    public sealed record ProviderInUse(KeyProvider Provider, IReadOnlyList<string> ClusterNames) : Problem;

    /// <summary>R50: without a currently valid key, the key cannot be changed and encryption cannot be disabled.</summary>
    public sealed record SettingsInvalid(KeyProvider Provider, string Reason) : Problem;

    public sealed record RoleNotAuthorized(string RoleId) : Problem;

    public sealed record CannotAssumeRole(string RoleArn) : Problem;

    public sealed record RoleInUse(string RoleId) : Problem;

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

    // Alerts.
    public sealed record MissingNotifications : Problem;

    public sealed record MissingThreshold(string EventType) : Problem;

    public sealed record InvalidEventTypeForAlert(string EventType) : Problem;

    public sealed record InvalidAlertConfigId(string Text) : Problem;

    public sealed record AlertConfigNotFound(string AlertConfigId, string ProjectId) : Problem;

    /// <summary>Only what is open can be acknowledged.</summary>
    public sealed record AlertNotOpen(string AlertId) : Problem;

    // Everything else.
    public sealed record Conflict(string What) : Problem;

    public sealed record TooManyRequests(TimeSpan RetryAfter) : Problem;
}

/// <param name="Field">Path of the field: <c>awsKms.enabled</c>.</param>
public sealed record FieldFault(string Field, string Description);
