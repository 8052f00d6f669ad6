using System.Buffers;

namespace Ear.Local.Mail;

/// <summary>
/// What follows DATA, up to the line that holds a dot alone, with leading dots unstuffed (RFC 5321 §4.5.2). Only CR LF ends a line: a bare
/// CR or LF is content, so that nobody smuggles a second mail in. Keeps at most <paramref name="max"/> bytes, reads on beyond.
/// </summary>
internal sealed class DataText(int max)
{
    private enum At
    {
        LineStart,
        Line,
        Cr,
        Dot,
        DotCr,
        End,
    }

    private readonly ArrayBufferWriter<byte> _text = new();
    private At _at = At.LineStart;

    public bool IsTooLarge { get; private set; }

    public bool IsComplete => _at == At.End;

    public ReadOnlyMemory<byte> Text => _text.WrittenMemory;

    /// <returns>How many bytes belonged to the text; the rest is the client's next command.</returns>
    public int Feed(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsComplete)
                return i;
            Take(bytes[i]);
        }
        return bytes.Length;
    }

    private void Take(byte b)
    {
        switch (_at)
        {
            case At.LineStart when b == '.':
                _at = At.Dot;
                return;
            case At.Dot when b == '\r':
                _at = At.DotCr;
                return;
            case At.DotCr when b == '\n':
                _at = At.End;
                return;
            case At.DotCr:
                Keep((byte)'\r');
                break;
        }
        Keep(b);
        var afterCr = _at is At.Cr or At.DotCr;
        _at = b == '\r' ? At.Cr : b == '\n' && afterCr ? At.LineStart : At.Line;
    }

    private void Keep(byte b)
    {
        if (_text.WrittenCount >= max)
        {
            IsTooLarge = true;
            return;
        }
        _text.GetSpan(1)[0] = b;
        _text.Advance(1);
    }
}
