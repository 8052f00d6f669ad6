namespace Ear;

/// <summary>Ids and randomness, from outside (design §8), so that a test can replay a story.</summary>
public interface IIds
{
    /// <summary>24 lower-case hexadecimal characters, unique.</summary>
    string NewHex();

    Guid NewGuid();

    /// <summary>Cryptographically strong bytes: keys, tokens, nonces.</summary>
    byte[] Secret(int length);

    /// <summary>Uniform in [0, 1): jitter.</summary>
    double NextDouble();
}

public static class IdsExtensions
{
    public static T New<T>(this IIds ids)
        where T : struct, IHexId<T>
        => T.FromValid(ids.NewHex());
}
