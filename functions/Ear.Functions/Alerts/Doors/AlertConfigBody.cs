using System.Collections.Immutable;
using System.Net.Mail;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Functions.Alerts.Doors;

/// <summary>An alert configuration as sent: whole, for POST and PUT alike.</summary>
internal sealed record AlertConfigBody(
    string? EventTypeName,
    bool? Enabled,
    ImmutableArray<NotificationBody>? Notifications,
    ImmutableArray<MatcherBody>? Matchers,
    ThresholdBody? Threshold,
    bool HasMetricThreshold,
    string? SeverityOverride)
{
    private const int MostNotifications = 25;

    public static AlertConfigBody Parse(BodyFields body) => new(
        body.Given("eventTypeName"),
        body.Flag("enabled"),
        body.Objects("notifications", NotificationBody.Parse),
        body.Objects("matchers", MatcherBody.Parse),
        body.Object("threshold") is { IsEmpty: false } threshold ? ThresholdBody.Parse(threshold) : null,
        body.Object("metricThreshold") is { IsEmpty: false },
        body.Given("severityOverride"));

    /// <summary>Everything that Ear could not act on is refused: what is kept has an effect.</summary>
    /// <param name="webhook">Says which addresses may be called.</param>
    public Outcome<AlertConfigDraft> Complete(IWebhook webhook)
    {
        if (EventTypeName is not { } type)
            return new Problem.MissingField("eventTypeName");
        if (!AlertTypes.All.Contains(type))
            return new Problem.InvalidEventTypeForAlert(type);
        if (HasMetricThreshold)
            return new Problem.NotRunHere("metricThreshold", "An alert by a metric");
        if (MatcherProblem() is { } unmatched)
            return unmatched;
        return Days(type).Then(days => Severity().Then(severity => Told(webhook).Map(told =>
            new AlertConfigDraft(type, Enabled ?? false, [.. told.Select(t => t.Notification)], days.Count, severity.Override)
            {
                Webhooks = told.Index().Where(t => t.Item.Webhook is not null).ToImmutableDictionary(t => t.Index, t => t.Item.Webhook!),
            })));
    }

    private Problem? MatcherProblem()
    {
        if (Matchers is not { IsDefaultOrEmpty: false } matchers)
            return null;
        return matchers.Select((m, i) => m.Problem(i)).FirstOrDefault(p => p is not null)
            ?? new Problem.NotRunHere("matchers", "A matcher for an alert that is about the whole project (all that Ear raises are)");
    }

    private Outcome<ThresholdDays> Days(string type)
    {
        if (AlertTypes.CountsDays(type))
            return Threshold is { } threshold ? threshold.Days() : new Problem.MissingThreshold(type);
        return Threshold is null ? new ThresholdDays(null) : new Problem.NotRunHere("threshold", $"A threshold for {type} (it opens at once)");
    }

    private Outcome<SeverityChoice> Severity() => SeverityOverride switch
    {
        null => new SeverityChoice(null),
        "INFO" => new SeverityChoice(AlertSeverity.Info),
        "WARNING" => new SeverityChoice(AlertSeverity.Warning),
        "ERROR" => new SeverityChoice(AlertSeverity.Error),
        "CRITICAL" => new SeverityChoice(AlertSeverity.Critical),
        _ => new Problem.InvalidField("severityOverride", "INFO, WARNING, ERROR or CRITICAL."),
    };

    private Outcome<ImmutableArray<WantedNotification>> Told(IWebhook webhook)
    {
        if (Notifications is not { IsDefaultOrEmpty: false } notifications)
            return new Problem.MissingNotifications();
        if (notifications.Length > MostNotifications)
            return new Problem.InvalidField("notifications", $"At most {MostNotifications}.");
        var told = ImmutableArray.CreateBuilder<WantedNotification>(notifications.Length);
        for (var i = 0; i < notifications.Length; i++)
        {
            if (!notifications[i].Complete($"notifications[{i}]", webhook).IsOk(out var notification, out var problem))
                return problem;
            told.Add(notification);
        }
        return told.ToImmutable();
    }

    internal sealed record ThresholdDays(int? Count);

    private sealed record SeverityChoice(AlertSeverity? Override);
}

internal sealed record ThresholdBody(string? Operator, string? Units, int? Threshold)
{
    /// <summary>Ten years: keys are older than that only by mistake.</summary>
    private const int MostDays = 3650;

    public static ThresholdBody Parse(BodyFields body) => new(body.Given("operator"), body.Given("units"), body.Integer("threshold", 1, MostDays));

    public Outcome<AlertConfigBody.ThresholdDays> Days()
    {
        if (Operator is not (null or "GREATER_THAN"))
            return new Problem.InvalidField("threshold.operator", "GREATER_THAN.");
        if (Units is not (null or "DAYS"))
            return new Problem.InvalidField("threshold.units", "DAYS.");
        return Threshold is { } days ? new AlertConfigBody.ThresholdDays(days) : new Problem.MissingField("threshold.threshold");
    }
}

internal sealed record MatcherBody(string? FieldName, string? Operator, string? Value)
{
    private static readonly ImmutableArray<string> Operators = ["EQUALS", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "NOT_EQUALS", "NOT_CONTAINS", "REGEX"];

    /// <summary>The names that a matcher may use, over all types of alert.</summary>
    public static ImmutableArray<string> FieldNames { get; } =
    [
        "APPLICATION_ID", "CLUSTER_NAME", "TYPE_NAME", "HOSTNAME", "PORT", "HOSTNAME_AND_PORT", "REPLICA_SET_NAME", "ATLAS_NODE_TYPE", "SHARD_NAME",
        "INSTANCE_NAME", "PROCESSOR_NAME", "RULE_ID", "SOFTWARE_TYPE",
    ];

    public static MatcherBody Parse(BodyFields body) => new(body.Given("fieldName"), body.Given("operator"), body.Text("value"));

    public Problem? Problem(int place) => this switch
    {
        { FieldName: null } => new Problem.MissingField($"matchers[{place}].fieldName"),
        { Operator: null } => new Problem.MissingField($"matchers[{place}].operator"),
        { Value: null } => new Problem.MissingField($"matchers[{place}].value"),
        _ when !FieldNames.Contains(FieldName) => new Problem.InvalidField($"matchers[{place}].fieldName", $"One of {string.Join(", ", FieldNames)}."),
        _ when !Operators.Contains(Operator) => new Problem.InvalidField($"matchers[{place}].operator", $"One of {string.Join(", ", Operators)}."),
        _ => null,
    };
}

/// <param name="Webhook">Of a notification to one.</param>
internal sealed record WantedNotification(AlertNotification Notification, WebhookWish? Webhook = null);

internal sealed record NotificationBody(string? TypeName, bool? EmailEnabled, bool? SmsEnabled, ImmutableArray<string>? Roles, string? EmailAddress, int? IntervalMin, int? DelayMin, WebhookBody Webhook)
{
    private const int ShortestInterval = 5;

    /// <summary>A year.</summary>
    private const int MostMinutes = 366 * 24 * 60;
    private const int LongestAddress = 254;
    private const int MostRoles = 100;

    private static readonly ImmutableArray<string> KnownTypes =
    [
        "GROUP", "EMAIL", "ORG", "USER", "TEAM", "SMS", "SLACK", "PAGER_DUTY", "OPS_GENIE", "DATADOG", "VICTOR_OPS", "MICROSOFT_TEAMS", "WEBHOOK", "HIP_CHAT", "PROMETHEUS", "FLOWDOCK",
    ];

    public static NotificationBody Parse(BodyFields body) => new(
        body.Given("typeName"),
        body.Flag("emailEnabled"),
        body.Flag("smsEnabled"),
        body.Texts("roles", MostRoles),
        body.Given("emailAddress"),
        body.Integer("intervalMin", ShortestInterval, MostMinutes),
        body.Integer("delayMin", 0, MostMinutes),
        WebhookBody.Parse(body));

    public Outcome<WantedNotification> Complete(string path, IWebhook webhook) => TypeName switch
    {
        null => new Problem.MissingField($"{path}.typeName"),
        _ when EmailAddress is { Length: > LongestAddress } => new Problem.InvalidField($"{path}.emailAddress", $"At most {LongestAddress} characters."),
        _ when Webhook.FormProblem(path) is { } malformed => malformed,
        "GROUP" => Owners(path).Map(n => new WantedNotification(n)),
        "EMAIL" => OneAddress(path).Map(n => new WantedNotification(n)),
        "WEBHOOK" => Webhook.Complete(path, webhook).Map(wish => new WantedNotification(Made(Addressee.Webhook), wish)),
        _ when KnownTypes.Contains(TypeName) => new Problem.NotRunHere($"{path}.typeName", $"Telling by {TypeName} (GROUP, EMAIL and WEBHOOK are)"),
        _ => new Problem.InvalidField($"{path}.typeName", "GROUP, EMAIL or WEBHOOK."),
    };

    private Outcome<AlertNotification> Owners(string path)
    {
        if (SmsEnabled is true)
            return new Problem.NotRunHere($"{path}.smsEnabled", "Telling by SMS");
        if (EmailEnabled is not true)
            return new Problem.InvalidField($"{path}.emailEnabled", "Must be true: otherwise nobody would be told.");
        if (Roles is { } roles && roles.Any(r => r != Role.ProjectOwner.AtlasName))
            return new Problem.NotRunHere($"{path}.roles", $"Telling others than {Role.ProjectOwner.AtlasName}");
        return Made(Addressee.Group) with { Roles = Roles is { IsDefaultOrEmpty: false } ? Roles : null };
    }

    private Outcome<AlertNotification> OneAddress(string path)
    {
        if (EmailAddress is not { } address)
            return new Problem.MissingField($"{path}.emailAddress");
        return !address.Any(char.IsControl) && MailAddress.TryCreate(address, out var parsed) && parsed.Address == address
            ? Made(Addressee.Email) with { EmailAddress = address }
            : new Problem.InvalidField($"{path}.emailAddress", "A mail address as somebody@example.com.");
    }

    private AlertNotification Made(Addressee to) => new("", to, DelayMin ?? 0) { IntervalMin = IntervalMin };
}

/// <summary>What of a notification is about a webhook. Address and secret are printed by nothing.</summary>
internal sealed record WebhookBody(SecretText? Url, SecretText? Key, string? NotifierId, string? Unknown)
{
    private const int LongestUrl = 2048;
    private const int LongestKey = 512;

    /// <summary>Atlas has them, and Ear does not.</summary>
    private static readonly ImmutableArray<string> NotKnown = ["integrationId", "webhookBodyTemplate", "webhookHeadersTemplate"];

    public static WebhookBody Parse(BodyFields body) => new(
        Secret(body.Given("webhookUrl")),
        Secret(body.Given("webhookSecret")),
        body.Given("notifierId"),
        NotKnown.FirstOrDefault(name => body.Given(name) is not null));

    /// <summary>What no notification may hold, whatever its type.</summary>
    public Problem? FormProblem(string path) => this switch
    {
        { NotifierId: { } id } when !IHexId<AlertConfigId>.IsValid(id) => new Problem.InvalidField($"{path}.notifierId", "24 lower-case hexadecimal characters."),
        _ when Url?.Reveal().Length > LongestUrl => new Problem.InvalidField($"{path}.webhookUrl", $"At most {LongestUrl} characters."),
        _ when Key?.Reveal().Length > LongestKey => new Problem.InvalidField($"{path}.webhookSecret", $"At most {LongestKey} characters."),
        _ => null,
    };

    public Outcome<WebhookWish> Complete(string path, IWebhook webhook)
    {
        if (Unknown is not null)
            return new Problem.NotRunHere($"{path}.{Unknown}", $"A webhook with {Unknown}");
        if (Url?.Reveal() is not { } url)
            return new Problem.MissingField($"{path}.webhookUrl");
        // As it was shown, it is one that was looked at before.
        if (!WebhookAddress.IsShownForm(url) && webhook.FaultOf(url) is { } fault)
            return new Problem.InvalidField($"{path}.webhookUrl", fault);
        return new WebhookWish(Url, Key, NotifierId);
    }

    private static SecretText? Secret(string? text) => text is null ? null : new(text);
}
