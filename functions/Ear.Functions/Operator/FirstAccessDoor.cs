using System.Collections.Immutable;
using System.Net.Mail;
using Ear.Functions.Http;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Operator;

/// <summary>The first access of the organisation, for whoever may read the host's master key.</summary>
public sealed class FirstAccessDoor(Bootstrap bootstrap, IOptions<DoorOptions> options, ILogger<FirstAccessDoor> logger)
{
    /// <summary>More would be a mailing list, which has an address of its own.</summary>
    private const int MostOwners = 20;

    /// <summary>Told twice is told once; the secrets are in the answer only when this call made them.</summary>
    [Function("giveFirstAccess")]
    public Task<IActionResult> Give([HttpTrigger(AuthorizationLevel.Admin, "post", Route = OperatorCall.Path + "firstAccess")] HttpRequest request)
        => OperatorCall.AnswerAsync(request, cancellation => OperatorCall.BodyAsync(request, Parse, cancellation).ThenAsync<Asked, FirstAccessView>(async asked =>
        {
            var access = await bootstrap.EnsureAsync(asked.OwnerEmails, asked.RenewSecrets, AwaitedNodes.Actor, cancellation);
            Log.FirstAccess(logger, access.ProjectId.Value, access.PublicKey, access.ClientId, access.PrivateKey is not null || access.ClientSecret is not null);
            return new FirstAccessView(
                options.Value.Absolute(request, "/"), access.OrgId.Value, access.ProjectId.Value, access.PublicKey, access.PrivateKey, access.ClientId, access.ClientSecret);
        }));

    private static Outcome<Asked> Parse(BodyFields body)
    {
        var addresses = body.Texts("ownerEmails", MostOwners);
        var renew = body.Flag("renewSecrets") ?? false;
        if (addresses is not { IsEmpty: false } given)
            return new Problem.MissingField("ownerEmails");
        for (var i = 0; i < given.Length; i++)
        {
            if (!IsAddress(given[i]))
                body.Fault($"ownerEmails[{i}]", "a mail address as somebody@example.com");
        }
        return new Asked([.. given.Distinct(StringComparer.OrdinalIgnoreCase)], renew);
    }

    private static bool IsAddress(string text)
        => text.Length <= 254 && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && MailAddress.TryCreate(text, out var parsed) && parsed.Address == text;

    private sealed record Asked(ImmutableArray<string> OwnerEmails, bool RenewSecrets);
}

/// <param name="PrivateKey">Secret; absent when it was handed out before.</param>
/// <param name="ClientSecret">Secret; absent when it was handed out before.</param>
internal sealed record FirstAccessView(string BaseUrl, string OrgId, string ProjectId, string PublicKey, string? PrivateKey, string ClientId, string? ClientSecret)
{
    /// <inheritdoc cref="FirstAccess.ToString"/>
    public override string ToString() => $"{nameof(FirstAccessView)} {{ {OrgId}, {ProjectId}, {PublicKey}, {ClientId} }}";
}
