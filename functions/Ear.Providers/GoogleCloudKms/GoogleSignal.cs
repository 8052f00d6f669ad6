using System.Text.RegularExpressions;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>Who was asked when it went wrong.</summary>
internal enum GoogleStep
{
    /// <summary>The credential was looked for and read; nobody was asked.</summary>
    Credential,

    /// <summary>The token endpoint was asked for an access token.</summary>
    Token,

    /// <summary>Cloud KMS was asked with that token.</summary>
    Kms,
}

/// <summary>One failed call, as far as its class depends on it.</summary>
/// <param name="Code">Google's name of the gRPC status (<c>FAILED_PRECONDITION</c>), the token endpoint's error (<c>invalid_grant</c>), or Ear's own word for what never left Ear.</param>
/// <param name="Status">gRPC or HTTP status; 0 when Google did not answer.</param>
internal sealed partial record GoogleSignal(GoogleStep Step, string Code, string Text, int Status)
{
    /// <summary>Reason of the answer's google.rpc.ErrorInfo; empty without one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The credential is Ear's own, and the answer does not speak of the customer's project: what it says no to is Ear.</summary>
    public bool OfEar { get; init; }

    /// <summary>State of the key version in Google's own word, from the answer's text or looked up afterwards; empty when not known.</summary>
    public string State { get; init; } = StateIn(Text);

    /// <summary>The key was looked at, and is not for symmetric encryption.</summary>
    public bool WrongPurpose { get; init; }

    public string? RequestId { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public bool IsAnswer => Status != 0;

    private static string StateIn(string text) => CurrentState().Match(text) is { Success: true } match ? match.Groups[1].Value : "";

    [GeneratedRegex("current state is: ([A-Z_]{1,40})", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex CurrentState();
}
