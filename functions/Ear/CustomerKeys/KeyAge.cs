namespace Ear.CustomerKeys;

/// <summary>How old a key is, for the rotation alert (R53–R56).</summary>
public static class KeyAge
{
    /// <summary>
    /// Since when the key is what it is: since its identifier was set in Ear or, where the provider tells of a later rotation of its own
    /// (AWS keeps the identifier then), since that one. So a key that its provider rotates is not called old (spec atlas-ear §4 item 5).
    /// </summary>
    public static DateTimeOffset From(KeyStanding standing, DateTimeOffset now)
        => standing.Facts.Rotation?.Last is { } rotated && rotated > standing.KeySetAt && rotated <= now ? rotated : standing.KeySetAt;
}
