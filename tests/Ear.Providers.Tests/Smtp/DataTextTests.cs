using System.Text;
using Ear.Local.Mail;

namespace Ear.Providers.Tests.Smtp;

public sealed class DataTextTests
{
    [Theory]
    [InlineData(".\r\n", "")]
    [InlineData("a\r\n.\r\n", "a\r\n")]
    [InlineData("..\r\n.\r\n", ".\r\n")]
    [InlineData(".a\r\n...b\r\n.\r\n", "a\r\n..b\r\n")]
    [InlineData("\r\n\r\n.\r\n", "\r\n\r\n")]
    [InlineData("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n")]
    [InlineData("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n")]
    [InlineData(".\rx\r\n.\r\n", "\rx\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\r\n")]
    [InlineData("a\r\n.\n.\r\n.\r\n", "a\r\n\n.\r\n")]
    public void Text_ends_at_a_line_with_a_dot_alone_however_it_is_cut(string sent, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(sent + "NEXT");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var data = new DataText(1000);
            var fed = data.Feed(bytes.AsSpan(0, cut));
            fed += data.Feed(bytes.AsSpan(fed));

            Assert.True(data.IsComplete);
            Assert.Equal((text, "NEXT"), (Encoding.ASCII.GetString(data.Text.Span), Encoding.ASCII.GetString(bytes.AsSpan(fed))));
        }
    }

    [Fact]
    public void Beyond_the_limit_nothing_is_kept_and_the_end_is_still_found()
    {
        var data = new DataText(10);

        Assert.Equal(105, data.Feed(Encoding.ASCII.GetBytes(new string('x', 100) + "\r\n.\r\n")));
        Assert.Equal((true, true, 10), (data.IsComplete, data.IsTooLarge, data.Text.Length));
    }
}
