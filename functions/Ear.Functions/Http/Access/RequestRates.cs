using Ear.Limits;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http.Access;

/// <summary>A bucket of tokens for each credential, of which a request takes one (spec atlas-ear §2.0). In this instance only; of more credentials than are remembered, those that ask least begin with a full one again.</summary>
public sealed class RequestRates(IOptions<DoorOptions> options, TimeProvider time)
{
    private const int MostCallers = 10_000;
    private readonly BoundedMap<string, CallRate> buckets = new(MostCallers, time);

    /// <summary>Null: there was one. The answer's headers say how many are left, either way.</summary>
    public Problem? Refused(string caller, IHeaderDictionary answer)
    {
        if (options.Value.RequestsPerSecond == 0)
            return null;
        var taken = buckets.GetOrAdd(caller, _ => new CallRate(options.Value.RequestsPerSecond, options.Value.RequestsAtOnce, time)).Take();
        answer["RateLimit-Limit"] = options.Value.RequestsAtOnce.ToString();
        answer["RateLimit-Remaining"] = taken.Left.ToString();
        return taken.Taken ? null : new Problem.RateLimited(taken.Wait);
    }
}
