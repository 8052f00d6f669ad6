using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Aws.Signing;

/// <summary>What went wrong with a signature; each protocol has its own code and status for it.</summary>
internal enum SignatureProblem
{
    Missing,
    Incomplete,
    UnknownToken,
    Expired,
    Wrong,
}

internal sealed class SignatureRefusedException(SignatureProblem problem, string message) : Exception(message)
{
    public SignatureProblem Problem { get; } = problem;
}

internal sealed record SignedBy(AwsCaller Caller, string Region);

/// <summary>Says who signed a request, or throws <see cref="SignatureRefusedException"/> with AWS's words.</summary>
internal sealed class Signers(AwsCredentials credentials, Sessions sessions, ServiceClock clock)
{
    public static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(5);

    private const string InvalidToken = "The security token included in the request is invalid.";
    private static readonly string[] SignedIfPresent = ["x-amz-date", "x-amz-security-token", "x-amz-target"];

    public SignedBy Verify(SignedRequest request, string service)
    {
        var authorization = First(request, "authorization")
            ?? throw new SignatureRefusedException(SignatureProblem.Missing, "Missing Authentication Token");
        var header = AuthorizationHeader.Parse(authorization)
            ?? throw new SignatureRefusedException(SignatureProblem.Incomplete, "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters of AWS4-HMAC-SHA256.");
        var amzDate = First(request, "x-amz-date")
            ?? throw new SignatureRefusedException(SignatureProblem.Incomplete, "Authorization header requires existence of an 'X-Amz-Date' header.");

        var (caller, secret) = Identify(header.AccessKeyId, First(request, "x-amz-security-token"));
        CheckTime(amzDate, header.Scope.Date);
        if (header.Scope.Service != service)
            throw new SignatureRefusedException(SignatureProblem.Wrong, $"Credential should be scoped to correct service: '{service}'. ");
        if (!header.SignedHeaders.Contains("host"))
            throw new SignatureRefusedException(SignatureProblem.Wrong, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
        if (SignedIfPresent.FirstOrDefault(h => First(request, h) is not null && !header.SignedHeaders.Contains(h)) is { } unsigned)
            throw new SignatureRefusedException(SignatureProblem.Wrong, $"'{unsigned}' must be a 'SignedHeader' in the AWS Authorization.");

        var expected = SigV4.Signature(request, header.Scope, amzDate, header.SignedHeaders, secret);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(header.Signature)))
            throw new SignatureRefusedException(SignatureProblem.Wrong, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
        return new SignedBy(caller, header.Scope.Region);
    }

    private (AwsCaller Caller, string Secret) Identify(string accessKeyId, string? token)
    {
        if (token is null)
            return credentials.Find(accessKeyId) ?? throw new SignatureRefusedException(SignatureProblem.UnknownToken, InvalidToken);
        var session = sessions.Open(token);
        if (session is null || session.AccessKeyId != accessKeyId)
            throw new SignatureRefusedException(SignatureProblem.UnknownToken, InvalidToken);
        if (session.Expires <= clock.Now)
            throw new SignatureRefusedException(SignatureProblem.Expired, "The security token included in the request is expired");
        return (sessions.CallerOf(session) ?? throw new SignatureRefusedException(SignatureProblem.UnknownToken, InvalidToken), session.SecretAccessKey);
    }

    private void CheckTime(string amzDate, string scopeDate)
    {
        const string format = "yyyyMMdd'T'HHmmss'Z'";
        if (!DateTimeOffset.TryParseExact(amzDate, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var signed))
            throw new SignatureRefusedException(SignatureProblem.Incomplete, $"Date must be in ISO-8601 'basic format'. Got '{amzDate}'.");
        if (!amzDate.StartsWith(scopeDate, StringComparison.Ordinal))
            throw new SignatureRefusedException(SignatureProblem.Wrong, $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scopeDate}' != '{amzDate[..8]}', from '{amzDate}'.");
        var now = clock.Now;
        if (signed < now - AllowedSkew)
            throw new SignatureRefusedException(SignatureProblem.Wrong, $"Signature expired: {amzDate} is now earlier than {Stamp(now - AllowedSkew)} ({Stamp(now)} - 5 min.)");
        if (signed > now + AllowedSkew)
            throw new SignatureRefusedException(SignatureProblem.Wrong, $"Signature not yet current: {amzDate} is still later than {Stamp(now + AllowedSkew)} ({Stamp(now)} + 5 min.)");

        static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string? First(SignedRequest request, string name) => request.Header(name).FirstOrDefault(v => !string.IsNullOrEmpty(v));
}
