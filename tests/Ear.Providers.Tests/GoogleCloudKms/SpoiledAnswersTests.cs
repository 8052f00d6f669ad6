using Ear.CustomerKeys;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Ear.Providers.Tests.GoogleCloudKms;

/// <summary>What comes back is not taken for what was asked for only because it came back (spec kms §1.3).</summary>
public sealed class SpoiledAnswersTests
{
    private static readonly byte[] Secret = "a master key of thirty-two bytes"u8.ToArray();
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    public static TheoryData<string> OfEncrypt => ["plaintext not verified", "context not verified", "ciphertext spoiled", "no checksum", "another version", "another key", "no name"];

    public static TheoryData<string> OfDecrypt => ["plaintext spoiled", "no checksum", "ten megabytes"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(OfEncrypt))]
    public async Task A_spoiled_ciphertext_is_asked_for_twice_more_and_is_then_googles_fault(string how)
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.OfEncrypt = Spoil;

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(answer.Verdict).Reason);
        Assert.Equal(3, kms.Encrypted);

        void Spoil(EncryptResponse response)
        {
            switch (how)
            {
                case "plaintext not verified":
                    response.VerifiedPlaintextCrc32C = false;
                    break;
                case "context not verified":
                    response.VerifiedAdditionalAuthenticatedDataCrc32C = false;
                    break;
                case "ciphertext spoiled":
                    response.Ciphertext = ByteString.CopyFrom([.. response.Ciphertext, 1]);
                    break;
                case "no checksum":
                    response.CiphertextCrc32C = null;
                    break;
                case "another version":
                    response.Name = GoogleWorld.VersionOf("orders", 2);
                    break;
                case "another key":
                    response.Name = GoogleWorld.VersionOf("other", 1);
                    break;
                default:
                    response.Name = "";
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(OfDecrypt))]
    public async Task A_spoiled_plaintext_is_asked_for_twice_more_and_is_then_googles_fault(string how)
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.OfDecrypt = Spoil;

        var answer = await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, Wrapped(world), Context, Stop));

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(answer.Verdict).Reason);
        Assert.Null(answer.Value);
        Assert.Equal(3, kms.Decrypted);

        void Spoil(DecryptResponse response)
        {
            if (how == "no checksum")
                response.PlaintextCrc32C = null;
            else
                response.Plaintext = how == "ten megabytes" ? ByteString.CopyFrom(new byte[10_000_000]) : ByteString.CopyFrom([.. response.Plaintext, 1]);
        }
    }

    [Fact]
    public async Task One_that_is_whole_the_second_time_is_taken()
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.OfDecrypt = response => response.PlaintextCrc32C += kms.Decrypted == 1 ? 1 : 0;

        Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(world.Key, Wrapped(world), Context, Stop))).Value);
        Assert.Equal(2, kms.Decrypted);
    }

    [Fact]
    public async Task A_plaintext_that_is_whole_and_another_is_not_given_out()
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.OfDecrypt = response => (response.Plaintext, response.PlaintextCrc32C) = (ByteString.Empty, 0);

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(answer.Verdict).Reason);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(502)]
    public async Task A_proxys_answer_says_nothing_about_a_key(int status)
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.Http = async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync("<html>no</html>", Stop);
            return false;
        };

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, Wrapped(world), Context, Stop));

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_no_verdict()
    {
        await using var kms = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.Endpoint = kms.Url);
        kms.Http = async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 1, 0, 42 }, Stop);
            await http.Response.Body.FlushAsync(Stop);
            http.Abort();
            return false;
        };

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, Wrapped(world), Context, Stop));

        Assert.IsType<KeyVerdict.Unknown>(check.Verdict);
    }

    [Theory]
    [InlineData(200, "<html>sign in</html>")]
    [InlineData(200, "{}")]
    [InlineData(403, "<html>no</html>")]
    [InlineData(400, "{\"error\":\"something_new\"}")]
    public async Task A_token_endpoint_that_makes_no_sense_says_nothing_about_a_key(int status, string body)
    {
        await using var endpoint = await SpoiledKms.StartAsync();
        await using var world = await GoogleWorld.StartAsync((_, o) => o.TokenUri = new Uri(endpoint.Url, "/token"));
        await world.PutCredentialAsync(world.Credential.Replace(world.Google.TokenUri, new Uri(endpoint.Url, "/token").ToString(), StringComparison.Ordinal));
        endpoint.Http = async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body, Stop);
            return false;
        };

        var check = await world.InTimeAsync(world.Provider.CheckAsync(world.Key, Wrapped(world), Context, Stop));

        Assert.Equal(UnknownReason.ProviderFault, Assert.IsType<KeyVerdict.Unknown>(check.Verdict).Reason);
    }

    private static WrappedKey Wrapped(GoogleWorld world) =>
        new(KeyProvider.Gcp, world.Key.KeyIdentifier[..world.Key.KeyIdentifier.IndexOf("/cryptoKeyVersions", StringComparison.Ordinal)], "1", Context.Digest(), [.. Secret]);
}
