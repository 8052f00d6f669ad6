using Ear.Local.Kms.Aws.Signing;

namespace Ear.Local.Tests.Kms.Aws;

/// <summary>Amazon's own test suite for Signature Version 4 (aws-sig-v4-test-suite), and the shapes that SDKs send.</summary>
public sealed class SigV4Tests
{
    private const string ExampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    [Theory]
    [InlineData("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void Amazons_vectors_come_out_as_published(string method, string target, string signature)
    {
        var headers = new Dictionary<string, string> { ["host"] = "example.amazonaws.com", ["x-amz-date"] = "20150830T123600Z" };
        var request = new SignedRequest(method, target, name => [headers[name]], []);

        Assert.Equal(signature, SigV4.Signature(request, new CredentialScope("20150830", "us-east-1", "service"), "20150830T123600Z", ["host", "x-amz-date"], ExampleSecret));
    }

    [Fact]
    public void An_authorization_header_is_read_with_and_without_spaces_after_its_commas()
    {
        foreach (var comma in (string[])[", ", ","])
        {
            var header = AuthorizationHeader.Parse($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request{comma}SignedHeaders=host;x-amz-date{comma}Signature=ab12");
            Assert.NotNull(header);
            Assert.Equal(("AKIDEXAMPLE", "kms", "ab12"), (header.AccessKeyId, header.Scope.Service, header.Signature));
            Assert.Equal(["host", "x-amz-date"], header.SignedHeaders);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer x")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20150830/r/kms/aws4_request, Signature=x")]
    public void Anything_else_is_not_one(string value) => Assert.Null(AuthorizationHeader.Parse(value));
}
