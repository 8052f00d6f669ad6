using System.Text.RegularExpressions;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;

namespace Ear.Functions.Tests.Http;

public sealed partial class DigestTests
{
    [Fact]
    public async Task The_challenge_is_exactly_what_Go_clients_take()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.Anonymous();

        var answer = await client.GetAsync(doors.Group, Doors.Json);

        answer.Refused(401, "USER_UNAUTHORIZED");
        var challenge = Assert.Single(answer.Message.Headers.GetValues("WWW-Authenticate"));
        Assert.Matches(Challenge(), challenge);
    }

    [Fact]
    public async Task DotNets_own_client_gets_in_and_sends_its_body_twice()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        Assert.Equal(200, (await client.GetAsync($"{doors.Group}?pretty=true", Doors.Json)).Status);
        Assert.Equal(200, (await client.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", """{"providerName":"AWS"}""")).Status);
    }

    [Fact]
    public async Task A_wrong_private_key_and_an_unknown_public_key_stay_outside()
    {
        await using var doors = await Doors.OpenAsync();
        using var wrong = doors.WithKey(privateKey: Guid.NewGuid().ToString());
        using var unknown = doors.WithKey(publicKey: "nobodyxx");

        (await wrong.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
        (await unknown.GetAsync(doors.Group, Doors.Json)).Refused(401, "USER_UNAUTHORIZED");
    }

    [Fact]
    public async Task A_hand_made_client_that_follows_the_Go_librarys_rules_gets_in()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.Anonymous();
        var path = $"{doors.Group}/events?eventType=A,B&itemsPerPage=5";

        Assert.Equal(200, (await SignedAsync(client, doors, path, await NonceAsync(client, doors))).Status);
    }

    [Fact]
    public async Task A_request_that_was_overheard_works_only_once_but_a_nonce_takes_many_requests()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.Anonymous();
        var nonce = await NonceAsync(client, doors);

        Assert.Equal(200, (await SignedAsync(client, doors, doors.Group, nonce, count: 1)).Status);
        Assert.Equal(401, (await SignedAsync(client, doors, doors.Group, nonce, count: 1)).Status);
        Assert.Equal(200, (await SignedAsync(client, doors, doors.Group, nonce, count: 3)).Status);
        Assert.Equal(200, (await SignedAsync(client, doors, doors.Group, nonce, count: 2)).Status);
        Assert.Equal(401, (await SignedAsync(client, doors, doors.Group, nonce, count: 2)).Status);
    }

    [Fact]
    public async Task An_old_nonce_is_stale_and_not_a_wrong_password()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.Anonymous();
        var nonce = await NonceAsync(client, doors);
        doors.Time.Advance(TimeSpan.FromMinutes(6));

        var answer = await SignedAsync(client, doors, doors.Group, nonce);

        Assert.Equal(401, answer.Status);
        Assert.EndsWith("stale=true", Assert.Single(answer.Message.Headers.GetValues("WWW-Authenticate")));
    }

    [Fact]
    public async Task A_signature_for_another_target_or_method_or_with_a_made_up_nonce_does_not_open()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.Anonymous();

        Assert.Equal(401, (await SignedAsync(client, doors, doors.Group, await NonceAsync(client, doors), signedPath: $"{doors.Group}/events")).Status);
        Assert.Equal(401, (await SignedAsync(client, doors, doors.Group, await NonceAsync(client, doors), signedMethod: "DELETE")).Status);
        Assert.Equal(401, (await SignedAsync(client, doors, doors.Group, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).Status);
    }

    private static async Task<string> NonceAsync(HttpClient client, Doors doors)
    {
        var challenge = (await client.GetAsync(doors.Group, Doors.Json)).Message.Headers.WwwAuthenticate.ToString();
        return Challenge().Match(challenge).Groups[1].Value;
    }

    private static async Task<Answer> SignedAsync(
        HttpClient client, Doors doors, string path, string nonce, int count = 1, string? signedPath = null, string signedMethod = "GET")
    {
        var (user, uri, nc) = (doors.First.PublicKey, signedPath ?? path, count.ToString("x8"));
        var ha1 = ApiKeySecrets.Ha1(user, doors.First.PrivateKey!);
        var response = ApiKeySecrets.Md5Hex($"{ha1}:{nonce}:{nc}:cafe:auth:{ApiKeySecrets.Md5Hex($"{signedMethod}:{uri}")}");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", Doors.Json);
        request.Headers.TryAddWithoutValidation("Authorization",
            $"Digest username=\"{user}\", realm=\"MMS Public API\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=MD5, cnonce=\"cafe\", qop=auth, nc={nc}");
        var message = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer((int)message.StatusCode, null, message);
    }

    [GeneratedRegex("""^Digest realm="MMS Public API", domain="", nonce="([A-Za-z0-9_-]+)", algorithm=MD5, qop="auth", stale=false$""")]
    private static partial Regex Challenge();
}
