namespace Ear.Local.Kms.Aws;

/// <summary>
/// AWS says no: code, text and status as the real service gives them. AWS's own model calls these exceptions; an operation throws one, and
/// <see cref="AwsDoor"/> is the one place that turns it into an answer.
/// </summary>
internal sealed class AwsRefusal(string code, string? message, int status = 400) : Exception(message ?? code)
{
    public string Code { get; } = code;

    /// <summary>null where AWS sends none (InvalidCiphertextException).</summary>
    public string? Text { get; } = message;

    public int Status { get; } = status;

    public static AwsRefusal Validation(string message) => new("ValidationException", message);

    /// <summary>The form AWS's generated validators print.</summary>
    public static AwsRefusal Constraint(string member, string constraint) =>
        Validation($"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}");
}
