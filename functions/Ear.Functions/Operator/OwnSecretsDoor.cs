using System.Collections.Immutable;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Secrets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Operator;

/// <summary>Ear's own secrets made anew, by name: when they can never be opened again, or may be known to somebody (docs/operations/own-keys.md).</summary>
public sealed class OwnSecretsDoor(OwnSecrets secrets, ILogger<OwnSecretsDoor> logger)
{
    [Function("renewOwnSecrets")]
    public Task<IActionResult> Renew([HttpTrigger(AuthorizationLevel.Admin, "post", Route = OperatorCall.Path + "ownSecrets/renewal")] HttpRequest request)
        => OperatorCall.AnswerAsync(request, cancellation => OperatorCall.BodyAsync(request, Parse, cancellation).ThenAsync<Asked, Nothing>(async asked =>
        {
            await secrets.RenewAsync(asked.Names, cancellation);
            Log.OwnSecretsRenewed(logger, string.Join(", ", asked.Names));
            return new Nothing();
        }));

    private static Outcome<Asked> Parse(BodyFields body)
    {
        if (body.Texts("names", OwnSecrets.Names.Count) is not { IsEmpty: false } names)
            return new Problem.MissingField("names");
        for (var i = 0; i < names.Length; i++)
        {
            if (!OwnSecrets.Names.Contains(names[i]))
                body.Fault($"names[{i}]", $"one of {string.Join(", ", OwnSecrets.Names)}");
        }
        return new Asked(names);
    }

    private sealed record Asked(ImmutableArray<string> Names);
}
