namespace Ear.Providers.AzureKeyVault;

/// <summary>Who was asked when it went wrong.</summary>
internal enum AzureStep
{
    /// <summary>Ear's own means: a secret that it keeps, its managed identity, an address that it does not call.</summary>
    Own,

    /// <summary>Entra was asked for a token of the customer's application.</summary>
    Entra,

    /// <summary>Entra was asked for a token of Ear's application in the customer's tenant.</summary>
    EntraOwn,

    /// <summary>The vault was asked with that token.</summary>
    Vault,
}

/// <summary>What kind of thing went wrong, before any word of the service is looked at.</summary>
internal enum AzureFault
{
    /// <summary>The service answered with an error.</summary>
    Answer,

    /// <summary>No answer: refused, reset, TLS, out of time.</summary>
    NoAnswer,

    /// <summary>The host's name is not known.</summary>
    NoSuchHost,

    /// <summary>Something that is not an answer of the service: broken, too large, sent by half, a redirect.</summary>
    BrokenAnswer,

    /// <summary>Ear itself did not ask; <see cref="AzureSignal.Code"/> says why.</summary>
    NotAsked,
}

/// <summary>One failed call, as far as its class depends on it.</summary>
/// <param name="Code">Key Vault: <c>error.code</c>. Entra: <c>error</c>. Not asked: one of <see cref="AzureSignal.Codes"/>. Else empty.</param>
/// <param name="Inner">Key Vault: <c>error.innererror.code</c>. Entra: the numbers of <c>error_codes</c>, separated by commas.</param>
/// <param name="Text">Key Vault: <c>error.message</c>. Never Entra's text: it is long, and says no more than the numbers.</param>
/// <param name="Status">HTTP status; 0 when nothing was answered.</param>
internal sealed record AzureSignal(AzureStep Step, AzureFault Fault, string Code = "", string Inner = "", string Text = "", int Status = 0)
{
    public string? RequestId { get; init; }

    /// <summary>Ear's address as the vault saw it.</summary>
    public string? CallerAddress { get; init; }

    /// <summary>How long the service wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Codes of Ear's own, where nobody was asked.</summary>
    internal static class Codes
    {
        public const string HostNotAllowed = nameof(HostNotAllowed);
        public const string SecretMissing = nameof(SecretMissing);
        public const string NoOwnIdentity = nameof(NoOwnIdentity);
        public const string OtherApplication = nameof(OtherApplication);
        public const string OtherTenant = nameof(OtherTenant);
        public const string OtherContext = nameof(OtherContext);
        public const string ForeignChallenge = nameof(ForeignChallenge);
    }
}
