using System.Security.Cryptography;
using System.Text;
using Ear.Functions.Http.Access;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Http.Requests;

/// <summary>Reads Idempotency-Key, which a client sends with a POST that it may have to repeat. On other methods it says nothing: they can be repeated as they are.</summary>
public sealed class Idempotency(DoorKeys keys, IntendedBodies bodies, IIds ids)
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    public async ValueTask<Outcome<Intent>> IntentOfAsync(HttpRequest request, Caller caller, CancellationToken cancellation)
    {
        var sent = request.Headers[Header];
        if (sent.Count == 0 || !HttpMethods.IsPost(request.Method))
            return new Intent(ids);
        if (sent is not [{ Length: >= 1 and <= MaxLength } key] || key.Any(c => c is < '!' or > '~'))
            return new Problem.InvalidField(Header, $"1 to {MaxLength} visible ASCII characters.");
        // None of the parts holds a line end.
        var seed = HMACSHA256.HashData(
            await keys.IntentKeyAsync(cancellation), Encoding.UTF8.GetBytes($"{caller.Name}\n{request.Method}\n{request.Path}\n{key}"));
        return new Intent(ids, key, seed, bodies);
    }
}
