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

    /// <summary>HTTP status that goes with <see cref="Code"/>; default 400.</summary>
    public int? Status { get; init; }

    /// <summary>Wait before anything else happens.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Break the connection before the operation is done, or after it is done and before it is answered.</summary>
    public ConnectionReset Reset { get; init; }

    /// <summary>How many calls it hits before it is used up; null: until lifted.</summary>
    public int? Times { get; init; }

    public bool Matches(string operation, IReadOnlyCollection<string> names) =>
        (Operation is null || string.Equals(Operation, operation, StringComparison.OrdinalIgnoreCase)) &&
        (Key is null || names.Contains(Key, StringComparer.OrdinalIgnoreCase));

    /// <returns>null when the rule can be carried out, else what is wrong with it.</returns>
    public string? Problem() => this switch
    {
        { Status: < 400 or > 599 } => "status must be between 400 and 599.",
        { Status: not null, Code: null } => "status needs a code.",
        { Times: < 1 } => "times must be at least 1.",
        { DelayMilliseconds: < 0 or > 600_000 } => "delayMilliseconds must be between 0 and 600000.",
        { Code: null, DelayMilliseconds: 0, Reset: ConnectionReset.None } => "a rule needs a code, a delayMilliseconds or a reset.",
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
