namespace Ear.Providers.Kms;

internal static class WrapLimit
{
    public const int MostBytes = 64;

    /// <summary>The limit of <see cref="CustomerKeys.ICustomerKey"/>, so that what works with one provider works with all.</summary>
    public static void Check(ReadOnlyMemory<byte> plaintext)
    {
        if (plaintext.Length is 0 or > MostBytes)
            throw new ArgumentException($"A key of 1 to {MostBytes} bytes is wrapped, not {plaintext.Length} bytes.", nameof(plaintext));
    }
}
