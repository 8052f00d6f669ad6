namespace Ear.Secrets;

/// <summary>Puts stored secrets under the newest key, so that an older one opens nothing any more. Everything here can be cut off and begun again.</summary>
public interface ISecretSeals
{
    /// <summary>Puts data keys under the newest version of the key that wraps them. One that cannot be keeps no other from it.</summary>
    Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation);

    /// <summary>Seals anew what lies under an older data key. A value that somebody puts meanwhile stands.</summary>
    /// <param name="after">Where the page before ended; null: from the first, after a look which data key is the newest.</param>
    /// <param name="max">How many secrets to look at.</param>
    Task<SealedPage> ResealAsync(string? after, int max, CancellationToken cancellation);
}

/// <param name="Rewrapped">Were under another version, or another key.</param>
/// <param name="Left">Are so still; the log says which, and why.</param>
public sealed record RewrappedKeys(int Rewrapped, int Left);

/// <param name="Resealed">Lay under an older data key.</param>
/// <param name="Left">Lie there still: they do not open, or their names are not known; the log says which.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record SealedPage(int Resealed, int Left, string? Next);
