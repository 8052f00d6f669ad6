using System.Text.Json.Serialization;

namespace Ear.Local.Kms.Control;

/// <summary>What goes wrong, for which calls, how often. Everything left out matches everything, or does nothing.</summary>
internal sealed record FaultRule
{
    /// <summary>Operation by its API name, e.g. <c>Decrypt</c> or <c>AssumeRole</c>; null: every operation.</summary>
    public string? Operation { get; init; }

    /// <summary>Id or ARN of the key (for STS: ARN of the role); null: every key.</summary>
    public string? Key { get; init; }

    /// <summary>Error code to answer with (AWS: <c>__type</c>), e.g. <c>ThrottlingException</c>.</summary>
    public string? Code { get; init; }

    public string? Message { get; init; }

    /// <summary>HTTP status that goes with <see cref="Code"/> (default 400), or with <see cref="Body"/> or <see cref="HugeMegabytes"/> (default 200).</summary>
    public int? Status { get; init; }

    /// <summary>Wait before anything else happens.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Break the connection before the operation is done, or after it is done and before it is answered.</summary>
    public ConnectionReset Reset { get; init; }

    /// <summary>Answer this text as it is, instead of doing the operation: no error of the service's form, a web page, nothing that can be read.</summary>
    public string? Body { get; init; }

    /// <summary>Content type of <see cref="Body"/> or the huge answer; default <c>application/json</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Send half of the answer, whatever it is, and break the connection.</summary>
    public bool HalfSent { get; init; }

    /// <summary>Answer so many megabytes instead of doing the operation.</summary>
    public int HugeMegabytes { get; init; }

    /// <summary>Send this as the answer's <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>How many calls it hits before it is used up; null: until lifted.</summary>
    public int? Times { get; init; }

    public bool Matches(string operation, IReadOnlyCollection<string> names) =>
        (Operation is null || string.Equals(Operation, operation, StringComparison.OrdinalIgnoreCase)) &&
        (Key is null || names.Contains(Key, StringComparer.OrdinalIgnoreCase));

    private int AnswersAtOnce => (Code is null ? 0 : 1) + (Body is null ? 0 : 1) + (HugeMegabytes == 0 ? 0 : 1) + (Reset is ConnectionReset.Before ? 1 : 0);

    /// <returns>null when the rule can be carried out, else what is wrong with it.</returns>
    public string? Problem() => this switch
    {
        { Status: < 200 or > 599 } => "status must be between 200 and 599.",
        { Status: < 400, Code: not null } => "status must be between 400 and 599 with a code.",
        { Status: not null, Code: null, Body: null, HugeMegabytes: 0 } => "status needs a code, a body or hugeMegabytes.",
        { ContentType: not null, Body: null, HugeMegabytes: 0 } => "contentType needs a body or hugeMegabytes.",
        { HugeMegabytes: < 0 or > 1024 } => "hugeMegabytes must be between 1 and 1024.",
        { RetryAfterSeconds: < 0 or > 86_400 } => "retryAfterSeconds must be between 0 and 86400.",
        { AnswersAtOnce: > 1 } => "code, body, hugeMegabytes and a reset before exclude each other.",
        { Times: < 1 } => "times must be at least 1.",
        { DelayMilliseconds: < 0 or > 600_000 } => "delayMilliseconds must be between 0 and 600000.",
        { AnswersAtOnce: 0, DelayMilliseconds: 0, Reset: ConnectionReset.None, HalfSent: false, RetryAfterSeconds: null } =>
            "a rule needs a code, a body, a delayMilliseconds, a reset, halfSent, hugeMegabytes or retryAfterSeconds.",
        _ => null,
    };
}

[JsonConverter(typeof(JsonStringEnumConverter<ConnectionReset>))]
internal enum ConnectionReset
{
    None,
    Before,
    After,
}
