using System.Net;
using System.Security.Cryptography;
using Ear.Functions.Tests.Contract;
using Ear.Projects;

namespace Ear.Functions.Tests.Clients;

/// <summary>
/// Digest as mongodb-forks/digest speaks it, which Terraform, the CLI and the operator use (spec atlas-ear §2.0.1): every request goes out
/// without credentials first, only the first challenge is read, and an unknown word in it fails the request.
/// </summary>
internal sealed class GoDigestHandler(string user, string password) : DelegatingHandler(new ContractHandler(new HttpClientHandler()))
{
    private const string Scheme = "Digest ";
    private static readonly string[] Allowed = ["realm", "domain", "nonce", "opaque", "stale", "algorithm", "qop"];

    /// <summary>How many HTTP exchanges there were.</summary>
    public int Exchanges { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : null;
        Exchanges++;
        var first = await base.SendAsync(Copy(request, body), cancellationToken);
        if (first.StatusCode is not HttpStatusCode.Unauthorized || !first.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var challenges))
            return first;
        var signed = Copy(request, body);
        signed.Headers.TryAddWithoutValidation("Authorization", Answer(Parse(challenges.First()), request.Method.Method, request.RequestUri!.PathAndQuery));
        Exchanges++;
        return await base.SendAsync(signed, cancellationToken);
    }

    private static Dictionary<string, string> Parse(string challenge)
    {
        Assert.StartsWith(Scheme, challenge);
        var words = challenge[Scheme.Length..].Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1].Trim('"'));
        Assert.All(words.Keys, k => Assert.Contains(k, Allowed));
        Assert.Equal(("MD5", "auth"), (words["algorithm"], words["qop"]));
        return words;
    }

    private string Answer(Dictionary<string, string> challenge, string method, string uri)
    {
        const string count = "00000001";
        var (realm, nonce, own) = (challenge["realm"], challenge["nonce"], RandomNumberGenerator.GetHexString(32, lowercase: true));
        var response = ApiKeySecrets.Md5Hex($"{ApiKeySecrets.Md5Hex($"{user}:{realm}:{password}")}:{nonce}:{count}:{own}:auth:{ApiKeySecrets.Md5Hex($"{method}:{uri}")}");
        return $"""{Scheme}username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm=MD5, cnonce="{own}", qop=auth, nc={count}""";
    }

    private static HttpRequestMessage Copy(HttpRequestMessage request, byte[]? body)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var (name, values) in request.Headers.NonValidated)
            copy.Headers.TryAddWithoutValidation(name, values);
        if (body is null)
            return copy;
        copy.Content = new ByteArrayContent(body);
        foreach (var (name, values) in request.Content!.Headers.NonValidated)
            copy.Content.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }
}
