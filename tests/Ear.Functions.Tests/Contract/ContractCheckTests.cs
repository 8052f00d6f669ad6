using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;

namespace Ear.Functions.Tests.Contract;

/// <summary>That the check can fail, for each thing that it is to notice.</summary>
public sealed class ContractCheckTests
{
    private const string Path = "/api/atlas/v2/pets/5";
    private const string Type = "application/vnd.atlas.2023-01-01+json";

    [Theory]
    [InlineData("""{"kind":"CAT","id":"1","lives":9}""", null)]
    [InlineData("""{"kind":"CAT","id":"1","lives":9,"owner":null}""", null)]
    [InlineData("""{"kind":"DOG","id":"1","tricks":["sit"]}""", null)]
    [InlineData("""{"kind":"CAT","id":"1","tricks":["sit"]}""", "tricks")]
    [InlineData("""{"kind":"CAT","id":"1","lives":"nine"}""", "lives")]
    [InlineData("""{"kind":"CAT","id":"1","lives":0}""", "lives")]
    [InlineData("""{"kind":"CAT"}""", "required")]
    [InlineData("""{"kind":"COW","id":"1"}""", "kind")]
    [InlineData("""{"kind":"CAT","id":"1","born":"yesterday"}""", "born")]
    [InlineData("""{"kind":"CAT","id":"1","chip":"secret"}""", "chip")]
    [InlineData("""{"kind":"CAT","id":"1","colour":"red"}""", "colour")]
    public void An_answer_is_held_against_the_schema_of_its_version(string body, string? fault)
        => Holds(Check(whole: true).OfAnswer("GET", Path, 200, Sent(Type), JsonNode.Parse(body)), fault);

    [Fact]
    public void A_document_that_is_not_the_whole_truth_lets_unknown_fields_and_refusals_pass()
    {
        Holds(Check(whole: false).OfAnswer("GET", Path, 200, Sent(Type), JsonNode.Parse("""{"kind":"CAT","id":"1","colour":"red"}""")), null);
        Holds(Check(whole: false).OfAnswer("GET", Path, 418, Sent("application/json"), JsonNode.Parse("""{"error":418,"errorCode":"TEAPOT"}""")), null);
    }

    [Theory]
    [InlineData(201, Type, "answered 201")]
    [InlineData(200, "application/vnd.atlas.2024-01-01+json", "documented are application/vnd.atlas.2023-01-01+json")]
    [InlineData(418, "application/json", "not among its errors")]
    [InlineData(404, "application/json", "errorCode")]
    public void A_status_a_version_and_a_refusal_are_the_documented_ones(int status, string type, string fault)
        => Holds(Check(whole: true).OfAnswer("GET", Path, status, Sent(type), JsonNode.Parse("{}")), fault);

    [Fact]
    public void An_envelope_is_opened()
    {
        Holds(Check(whole: true).OfAnswer("GET", Path + "?envelope=true", 200, Sent(Type), JsonNode.Parse("""{"status":200,"content":{"kind":"CAT","id":"1"}}""")), null);
        Holds(Check(whole: true).OfAnswer("GET", Path + "?envelope=true", 200, Sent(Type), JsonNode.Parse("""{"status":200,"content":{"kind":"CAT"}}""")), "required");
    }

    [Fact]
    public void A_request_may_lack_what_is_only_read_and_hold_what_is_only_written()
    {
        Holds(Check(whole: true).OfRequest("PATCH", Path, "2023-01-01", JsonNode.Parse("""{"kind":"CAT","chip":"secret"}""")), null);
        Holds(Check(whole: true).OfRequest("PATCH", Path, "2023-01-01", JsonNode.Parse("""{"kind":"CAT","chip":5}""")), "chip");
        Holds(Check(whole: true).OfRequest("PATCH", Path, "2024-01-01", JsonNode.Parse("{}")), "takes no body");
    }

    [Fact]
    public void A_literal_path_goes_before_one_with_parameters_and_an_unknown_one_is_nobodys()
    {
        Assert.Equal("petsByName", Check(whole: true).Operation("GET", "/api/atlas/v2/pets/byName")?.Id);
        Assert.Equal("getPetByName", Check(whole: true).Operation("GET", "/api/atlas/v2/pets/byName/owner")?.Id);
        Assert.Equal("getPetOwner", Check(whole: true).Operation("GET", "/api/atlas/v2/pets/rex/owner")?.Id);
        Assert.Null(Check(whole: true).Operation("GET", "/api/atlas/v2/cars"));
    }

    [Fact]
    public void Atlass_document_is_held_against_every_answer_where_it_is_here()
    {
        Assert.SkipWhen(Contracts.Atlas is null, Contracts.Absent);

        Assert.NotEmpty(Contracts.Atlas!.OfAnswer("GET", "/api/atlas/v2/groups/69a42a40fab90d145b3e693b/encryptionAtRest", 200, Sent(Type), JsonNode.Parse("""{"awsKms":{"enabled":"yes"}}""")));
    }

    [Theory]
    [InlineData("ETag: \"1\"", null)]
    [InlineData("ETag: \"1\"|RateLimit-Limit: 5", null)]
    [InlineData("ETag: \"1\"|Date: now|Content-Length: 9", null)]
    [InlineData("", "without the header ETag")]
    [InlineData("ETag: \"1\"|Location: /pets", "the header Location, which is not documented")]
    [InlineData("ETag: \"1\"|RateLimit-Limit: many", "RateLimit-Limit")]
    [InlineData("ETag: \"1\"|RateLimit-Limit: -1", "RateLimit-Limit")]
    [InlineData("ETag: \"1\"|Deprecation: @1|Sunset: Thu, 01 Jul 2027 00:00:00 GMT", "with Deprecation and Sunset")]
    public void Headers_are_the_documented_ones(string sent, string? fault)
        => Holds(Check(whole: true).OfAnswer("GET", "/api/atlas/v2/pets/byName", 200, Sent(Type, sent), JsonNode.Parse("{}")), fault);

    [Theory]
    [InlineData("ETag: \"1\"|Deprecation: @1|Sunset: Thu, 01 Jul 2027 00:00:00 GMT", null)]
    [InlineData("ETag: \"1\"", "without Deprecation and Sunset")]
    [InlineData("ETag: \"1\"|Deprecation: @1|Sunset: Fri, 02 Jul 2027 00:00:00 GMT", "documented is 2027-07-01")]
    public void A_deprecated_version_says_so_in_its_headers(string sent, string? fault)
        => Holds(Check(whole: true).OfAnswer("GET", "/api/atlas/v2/pets/byName", 200, Sent("application/vnd.atlas.2022-01-01+json", sent), JsonNode.Parse("{}")), fault);

    private static Dictionary<string, string> Sent(string type, string more = "")
    {
        var headers = more.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(h => h.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        headers["Content-Type"] = type;
        return headers;
    }

    private static void Holds(IReadOnlyList<string> faults, string? expected)
    {
        if (expected is null)
            Assert.Empty(faults);
        else
            Assert.Contains(faults, f => f.Contains(expected, StringComparison.Ordinal));
    }

    private static ContractCheck Check(bool whole) => new("the pets' document", new OpenApi((JsonObject)JsonNode.Parse($$"""
        {
          "paths": {
            "/api/atlas/v2/pets/byName": { "get": { "operationId": "petsByName", "responses": { "200": {
              "headers": { "ETag": { "required": true, "schema": { "type": "string" } }, "RateLimit-Limit": { "$ref": "#/components/headers/RateLimit-Limit" }, "Deprecation": { "schema": { "type": "string" } }, "Sunset": { "schema": { "type": "string" } } },
              "content": { "{{Type}}": { }, "application/vnd.atlas.2022-01-01+json": { "x-deprecated": true, "x-sunset": "2027-07-01" } } } } } },
            "/api/atlas/v2/pets/{petId}/owner": { "get": { "operationId": "getPetOwner", "responses": {} } },
            "/api/atlas/v2/pets/byName/{name}": { "get": { "operationId": "getPetByName", "responses": {} } },
            "/api/atlas/v2/pets/{petId}": {
              "get": { "operationId": "getPet", "responses": {
                "200": { "content": { "{{Type}}": { "schema": { "$ref": "#/components/schemas/Pet" } } } },
                "404": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ApiError" } } } } } },
              "patch": { "operationId": "updatePet", "requestBody": { "content": { "{{Type}}": { "schema": { "$ref": "#/components/schemas/Pet" } } } }, "responses": {} }
            }
          },
          "components": { "headers": { "RateLimit-Limit": { "schema": { "type": "integer", "minimum": 0 } } }, "schemas": {
            "ApiError": { "type": "object", "required": ["errorCode"], "properties": { "error": { "type": "integer" }, "errorCode": { "type": "string" } } },
            "Pet": {
              "type": "object", "required": ["id", "chip"],
              "properties": {
                "id": { "type": "string", "readOnly": true }, "chip": { "type": "string", "writeOnly": true },
                "kind": { "type": "string", "enum": ["CAT", "DOG"] }, "owner": { "type": "string", "nullable": true }, "born": { "type": "string", "format": "date-time" }
              },
              "discriminator": { "propertyName": "kind", "mapping": { "CAT": "#/components/schemas/Cat", "DOG": "#/components/schemas/Dog" } },
              "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }]
            },
            "Cat": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "type": "object", "properties": { "lives": { "type": "integer", "minimum": 0, "exclusiveMinimum": true } } }] },
            "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "type": "object", "properties": { "tricks": { "type": "array", "items": { "type": "string" } } } }] }
          } }
        }
        """)!), whole);
}
