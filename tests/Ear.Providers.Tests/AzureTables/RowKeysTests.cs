using CsCheck;
using Ear.Providers.AzureTables;

namespace Ear.Providers.Tests.AzureTables;

public sealed class RowKeysTests
{
    // Any text, and often texts that could be taken for each other.
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String, Gen.String[Gen.Char["aA_-.:/\\#?%'\u0000\u001f\u007f\u009f5f "], 0, 12], Gen.String[Gen.Char["_05f"], 0, 8], Gen.String[Gen.Char, 150, 400], Gen.Char['\ud800', '\udfff'].Select(c => c.ToString()));

    [Fact]
    public void Two_texts_never_have_one_key()
        => Gen.Select(Text, Text).Sample((one, other) => one == other == (RowKeys.Part(one) == RowKeys.Part(other)), iter: 20_000);

    [Fact]
    public void A_key_holds_only_what_the_service_and_an_address_take_as_it_is_and_fits()
        => Text.Sample(text => RowKeys.Part(text) is { Length: <= 200 } part && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'), iter: 20_000);

    [Fact]
    public void Two_long_texts_that_differ_at_their_ends_have_two_keys()
        => Gen.Select(Gen.String[Gen.Char, 300, 400], Gen.Char, Gen.Char).Where((_, a, b) => a != b).Sample((text, a, b) => RowKeys.Part(text + a) != RowKeys.Part(text + b));

    [Theory]
    [InlineData("orders-2.b", "orders-2.b")]
    [InlineData("a_b", "a_005fb")]
    [InlineData("", "")]
    [InlineData("Größe/1", "Gr_00f6_00dfe_002f1")]
    public void Plain_names_stay_and_everything_else_is_told_by_its_code(string text, string part) => Assert.Equal(part, RowKeys.Part(text));

    [Fact]
    public void Numbers_sort_as_numbers_and_come_back()
        => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue]).Sample((a, b) =>
            Math.Sign(string.CompareOrdinal(RowKeys.Event(a), RowKeys.Event(b))) == a.CompareTo(b) && RowKeys.NumberIn(RowKeys.Event(a)) == a);
}
