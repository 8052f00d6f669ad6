using System.Text;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;

namespace Ear.Functions.Tests.Http.Requests;

public sealed class BodyTests
{
    [Fact]
    public void Values_of_every_kind_are_read_and_null_is_not_given()
    {
        var body = Read("""{"n":3,"big":4000000000,"d":1.5,"roles":["a","b"],"list":[{"x":1},{"x":2}],"none":null}""");

        Assert.Equal((3, 4_000_000_000, 1.5), (body.Integer("n", 1, 3), body.Long("big"), body.Number("d", 0, 2)));
        Assert.Equal(["a", "b"], body.Texts("roles")!.Value);
        Assert.Equal(["1", "2"], body.Objects("list", o => $"{o.Integer("x")}")!.Value);
        Assert.Null(body.Integer("none"));
        Assert.Null(body.Texts("absent"));
        Assert.False(body.Has("none"));
        Assert.Equal(1, body.Or(1).Value);
    }

    [Fact]
    public void All_faults_are_collected_and_name_their_place()
    {
        var body = Read("""{"n":4,"half":1.5,"text":"1","d":3,"roles":["a",1],"list":[{"x":"no"},7],"many":[1,2,3],"huge":4000000000}""");

        body.Integer("n", 1, 3);
        body.Integer("half");
        body.Integer("text");
        body.Integer("huge");
        body.Number("d", 0, 2);
        body.Texts("roles");
        body.Objects("list", o => $"{o.Integer("x")}");
        body.Texts("many", 2);

        var faults = Assert.IsType<Problem.InvalidFields>(body.Or(1).Problem).Faults;
        Assert.Equal(["n", "half", "text", "huge", "d", "roles[1]", "list[0].x", "list[1]", "many"], faults.Select(f => f.Field));
        Assert.Equal("Must be a whole number from 1 to 3.", faults[0].Description);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""{"a":1}x""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    public void What_is_no_object_of_texts_is_malformed(string json)
        => Assert.IsType<Problem.MalformedBody>(JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Problem);

    [Fact]
    public void Bytes_that_are_no_text_are_malformed()
        => Assert.IsType<Problem.MalformedBody>(JsonBody.Parse([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']).Problem);

    [Fact]
    public void Escapes_that_are_text_are_read()
        => Assert.Equal("😀\"", JsonBody.Parse("""{"a":"\ud83d\ude00\""}"""u8.ToArray()).Value["a"]!.GetValue<string>());

    private static BodyFields Read(string json) => new(JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Value);
}
