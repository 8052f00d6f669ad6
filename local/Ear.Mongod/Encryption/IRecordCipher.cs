namespace Ear.Mongod.Encryption;

/// <summary>How one record reaches the disk. The place (file name and offset) is bound, so a record cannot be moved.</summary>
internal interface IRecordCipher
{
    byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place);

    /// <exception cref="System.Security.Cryptography.CryptographicException">Another key, another place, or changed bytes.</exception>
    byte[] Open(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> place);
}

/// <summary>Encryption is off: what is written is what is read.</summary>
internal sealed class PlainRecords : IRecordCipher
{
    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place) => plain.ToArray();

    public byte[] Open(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> place) => stored.ToArray();
}
