using System.Text.Json.Nodes;
using Ear.Functions.ApiDocument;

namespace Ear.Functions.Tests.ApiDocument;

public sealed class AssemblerTests
{
    private const string Thing = """{ "summary": "Return One Thing", "description": "Returns it.", "versions": { "2023-01-01": { "status": 200, "response": "Thing" } } }""";
    private const string ThingSchema = """
        { "type": "object", "description": "A thing.", "required": ["id", "secret"], "properties": {
            "id": { "$ref": "#/components/schemas/Id", "readOnly": true },
            "secret": { "type": "string", "description": "S.", "writeOnly": true },
            "made": { "type": "string", "format": "date-time", "description": "When." },
            "parts": { "type": "array", "description": "P.", "items": { "$ref": "#/components/schemas/Part" } } } }
        """;

    private const string PartSchema = """{ "type": "object", "description": "A part.", "properties": { "number": { "type": "integer", "description": "N.", "readOnly": true } } }""";

    [Fact]
    public void An_operation_has_its_path_from_the_code_and_its_words_from_the_fragment()
    {
        var document = Assemble(Thing, Schemas).Document;

        var operation = document["paths"]!["/api/atlas/v2/things/{thingId}"]!["get"]!;
        Assert.Equal(("getThing", "Return One Thing", "Things"), (operation["operationId"]!.GetValue<string>(), operation["summary"]!.GetValue<string>(), operation["tags"]![0]!.GetValue<string>()));
        Assert.Equal("#/components/schemas/ThingResponse", operation["responses"]!["200"]!["content"]!["application/vnd.atlas.2023-01-01+json"]!["schema"]!["$ref"]!.GetValue<string>());
        Assert.Equal("#/components/responses/404", operation["responses"]!["404"]!["$ref"]!.GetValue<string>());
    }

    [Fact]
    public void An_answer_lacks_what_is_only_written_and_a_request_what_is_only_read_at_every_depth()
    {
        var both = Thing.Replace("\"response\": \"Thing\"", "\"request\": \"Thing\", \"response\": \"Thing\"", StringComparison.Ordinal);
        var schemas = Assemble(both, Schemas, "patch").Document["components"]!["schemas"]!;

        Assert.Equal(["id", "made", "parts"], Names(schemas["ThingResponse"]!));
        Assert.Equal(["secret", "made", "parts"], Names(schemas["ThingUpdateRequest"]!));
        Assert.Equal("id", Assert.Single((JsonArray)schemas["ThingResponse"]!["required"]!)!.GetValue<string>());
        Assert.Null(schemas["ThingUpdateRequest"]!["required"]);
        Assert.Equal("#/components/schemas/PartRequest", schemas["ThingUpdateRequest"]!["properties"]!["parts"]!["items"]!["$ref"]!.GetValue<string>());
        Assert.Empty(Names(schemas["PartRequest"]!));
    }

    [Fact]
    public void What_stands_beside_a_reference_is_not_lost()
    {
        var id = Assemble(Thing, Schemas).Document["components"]!["schemas"]!["ThingResponse"]!["properties"]!["id"]!;

        Assert.Equal(("string", true), (id["type"]!.GetValue<string>(), id["readOnly"]!.GetValue<bool>()));
    }

    [Fact]
    public void A_time_says_in_which_format_it_is()
        => Assert.Contains("ISO 8601", Assemble(Thing, Schemas).Document["components"]!["schemas"]!["ThingResponse"]!["properties"]!["made"]!["description"]!.GetValue<string>());

    [Fact]
    public void A_list_is_a_page_with_the_parameters_of_pages()
    {
        var operation = Assemble(Thing.Replace("\"versions\"", "\"paged\": true, \"versions\"", StringComparison.Ordinal), Schemas).Document["paths"]!["/api/atlas/v2/things/{thingId}"]!["get"]!;

        Assert.EndsWith("/PaginatedThing", operation["responses"]!["200"]!["content"]!["application/vnd.atlas.2023-01-01+json"]!["schema"]!["$ref"]!.GetValue<string>());
        Assert.Contains("#/components/parameters/pageNum", OpenApi.References(operation));
    }

    [Fact]
    public void A_schema_that_holds_itself_is_no_endless_one()
        => Assert.Empty(Assemble(Thing, Schemas.Replace("schemas/Part\"", "schemas/Thing\"", StringComparison.Ordinal).Replace(PartSchema, "null", StringComparison.Ordinal).Replace(""", "Part": null""", "", StringComparison.Ordinal)).Faults);

    [Theory]
    [InlineData("getThing", "getNothing", "things.api.json: no function serves the operation getNothing.")]
    [InlineData("\"response\": \"Thing\"", "\"response\": \"Sing\"", "Schema Sing is referred to, but no fragment has it.")]
    [InlineData("schemas/Part\"", "schemas/Port\"", "Schema Part is used by no operation.")]
    [InlineData("\"Part\":", "\"Id\":", "things.api.json: another fragment, or the common part, has a schema Id too.")]
    [InlineData("\"thingId\"", "\"other\"", "things.api.json: getThing does not describe its path parameter thingId.")]
    [InlineData("\"versions\": {", "\"plain\": { \"status\": 200 }, \"versions\": {", "things.api.json: getThing needs either versions or plain.")]
    [InlineData("\"versions\": {", "\"errors\": [418], \"versions\": {", "things.api.json: getThing refuses with 418, for which common.json has no words.")]
    [InlineData("\"name\": \"Things\", \"description\": \"T.\"", "\"name\": \"Things\"", "Tag Things has 0 descriptions; it needs one.")]
    public void A_fault_in_a_fragment_is_said_in_words(string right, string wrong, string words)
        => Assert.Contains(words, Assemble(Thing, Schemas, change: text => text.Replace(right, wrong, StringComparison.Ordinal)).Faults);

    [Fact]
    public void A_word_that_the_format_lacks_is_no_fragment()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Assemble(Thing, Schemas, change: text => text.Replace("\"summary\"", "\"summery\"", StringComparison.Ordinal)));

        Assert.Contains("things.api.json", refused.Message);
        Assert.Contains("summery", refused.Message);
    }

    [Fact]
    public void An_operation_without_words_is_listed_and_left_out()
    {
        var assembled = DocumentAssembler.Assemble(CommonParts.Embedded(), [], [new ServedOperation("getThing", "get", "/api/atlas/v2/things")]);

        Assert.Equal(["getThing"], assembled.Undocumented);
        Assert.Empty((JsonObject)assembled.Document["paths"]!);
    }

    private static string Schemas => $$"""{ "Thing": {{ThingSchema}}, "Part": {{PartSchema}} }""";

    private static IEnumerable<string> Names(JsonNode schema) => ((JsonObject)schema["properties"]!).Select(p => p.Key);

    private static AssembledDocument Assemble(string operation, string schemas, string method = "get", Func<string, string>? change = null)
    {
        var described = operation.Replace("\"versions\"", """ "parameters": { "thingId": { "description": "I.", "schema": { "type": "string" } } }, "versions" """.TrimEnd(), StringComparison.Ordinal);
        var text = $$"""{ "tag": { "name": "Things", "description": "T." }, "operations": { "getThing": {{described}} }, "schemas": {{schemas}} }""";
        return DocumentAssembler.Assemble(
            CommonParts.Embedded(), [Fragment.Parse("things.api.json", change?.Invoke(text) ?? text)], [new ServedOperation("getThing", method, "/api/atlas/v2/things/{thingId}")]);
    }
}
