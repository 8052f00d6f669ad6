using System.Text.Json.Serialization;

namespace Ear.CustomerKeys;

/// <summary>
/// What is known about a customer's key: three answers, not two (style rule 6). Only <see cref="Invalid"/> ever stops a node, and
/// only an authenticated answer of the provider makes one (I1). Details are for people and never hold a secret.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verdict")]
[JsonDerivedType(typeof(Valid), "valid")]
[JsonDerivedType(typeof(Invalid), "invalid")]
[JsonDerivedType(typeof(Unknown), "unknown")]
public abstract record KeyVerdict
{
    private KeyVerdict()
    {
    }

    public sealed record Valid : KeyVerdict;

    public sealed record Invalid(InvalidReason Reason, string Detail) : KeyVerdict
    {
        /// <summary>True where the provider's text could also mean something harmless (not yet propagated, a typo in a policy): a second check 60 s later must agree before anything stops (spec kms §2).</summary>
        public bool NeedsConfirmation => Reason is InvalidReason.KeyNotFound or InvalidReason.PermissionDenied;
    }

    public sealed record Unknown(UnknownReason Reason, string Detail) : KeyVerdict;
}

/// <summary>An authenticated no (spec kms §2).</summary>
public enum InvalidReason
{
    CredentialsInvalid,
    KeyDisabled,
    KeyDeletedOrPendingDeletion,
    KeyNotFound,
    PermissionDenied,
    KeyExpiredOrNotYetValid,

    /// <summary>Known not to have begun, where the provider tells the two apart.</summary>
    KeyNotYetValid,
    WrongKeyType,
}

/// <summary>No answer about the key: nothing stops (spec kms §2).</summary>
public enum UnknownReason
{
    NetworkUnreachable,
    NetworkAccessDenied,
    Throttled,
    ProviderFault,

    /// <summary>Our own fault: clock, own credential, own data. Never the customer's.</summary>
    OurFault,
}
