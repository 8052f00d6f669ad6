namespace Ear.Local.Kms.Azure;

/// <summary>
/// The vault or Entra says no: status, code and text as the real service gives them. Thrown by an operation; <see cref="AzureDoor"/> is the one place
/// that turns it into an answer.
/// </summary>
internal class AzureRefusal(int status, string code, string message, string? inner = null) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>What SDKs show as the error code.</summary>
    public string Code { get; } = code;

    /// <summary>Only in the body: <c>innererror.code</c>.</summary>
    public string? Inner { get; } = inner;

    /// <summary>For the request log: the most telling of the codes.</summary>
    public virtual string Outcome => Inner ?? Code;

    public static AzureRefusal BadParameter(string message) => new(400, "BadParameter", message);

    public static AzureRefusal Forbidden(string inner, string message) => new(403, "Forbidden", message, inner);

    public static AzureRefusal Conflict(string inner, string message) => new(409, "Conflict", message, inner);

    public static AzureRefusal Unauthorized(string message) => new(401, "Unauthorized", message);

    /// <param name="what">Name, or name/version.</param>
    public static AzureRefusal KeyNotFound(string what) => new(
        404, "KeyNotFound",
        $"A key with (name/id) {what} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182");

    public static AzureRefusal DeletedKeyNotFound(string name) => new(404, "KeyNotFound", $"Deleted Key not found: {name}");
}
