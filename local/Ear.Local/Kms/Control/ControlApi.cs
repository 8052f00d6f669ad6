using System.Text.Json;
using Ear.Local.Kms.Aws;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Keys;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Google;
using Ear.Local.PrivateLink;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using ProjectMode = Ear.Local.Kms.Google.Iam.ProjectMode;

namespace Ear.Local.Kms.Control;

/// <summary>
/// Makes the simulated services misbehave, and shows what they were asked. On loopback only, and only to requests that name it by a loopback name,
/// so that a web page cannot reach it through DNS. Faults are the state of an experiment and are gone after a restart; roles and key states stay.
/// <code>
/// GET|PUT|DELETE /faults            {"aws":{"refuse":false,"clockOffsetSeconds":0,"rules":[{"operation":"Decrypt","code":"ThrottlingException","times":3}]},
///                                    "azure":{"tls":"UntrustedCertificate","network":"Firewall","conditionalAccess":true},"google":{"project":"VpcServiceControls"}}
/// GET|DELETE     /requests          the last requests, oldest first
/// GET            /roles
/// GET|PUT|DELETE /roles/{name}      {"trustedPrincipalArn":"arn:…","externalId":"…","actions":["kms:Decrypt"]}
/// PUT            /keys/{id}/state   {"state":"Unavailable"}
/// </code>
/// Private links: <see cref="PrivateLinkControl"/>.
/// </summary>
internal sealed class ControlApi(LocalKms kms, ILogger logger)
{
    private const string Azure = "azure";
    private const string Google = "google";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    public async Task HandleAsync(HttpContext http)
    {
        if (http.Request.Host.Host is not ("127.0.0.1" or "localhost" or "[::1]"))
        {
            await WriteAsync(http, 403, new Problem("The control API answers only to 127.0.0.1 and localhost."));
            return;
        }
        try
        {
            await RouteAsync(http);
        }
        catch (JsonException e)
        {
            await WriteAsync(http, 400, new Problem($"The body cannot be read: {e.Message}"));
        }
        catch (AwsRefusal e)
        {
            await WriteAsync(http, 400, new Problem(e.Message));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.RequestFailed("control", http.Request.Path, http.TraceIdentifier, e);
            await WriteAsync(http, 500, new Problem("The control API failed; its log says why."));
        }
    }

    private Task RouteAsync(HttpContext http)
    {
        var segments = (http.Request.Path.Value ?? "").Trim('/').Split('/');
        return (http.Request.Method, segments) switch
        {
            ("GET", ["faults"]) => WriteAsync(http, 200, Current()),
            ("PUT", ["faults"]) => PutFaultsAsync(http),
            ("DELETE", ["faults"]) => SetFaultsAsync(http, []),
            ("GET", ["requests"]) => WriteAsync(http, 200, new { requests = kms.Requests.All() }),
            ("DELETE", ["requests"]) => ClearRequestsAsync(http),
            ("GET", ["roles"]) => WriteAsync(http, 200, new { roles = kms.AwsRoles.All().Select(View) }),
            ("GET", ["roles", var name]) => kms.AwsRoles.Find(name) is { } role ? WriteAsync(http, 200, View(role)) : NotFoundAsync(http),
            ("PUT", ["roles", var name]) => PutRoleAsync(http, name),
            ("DELETE", ["roles", var name]) => kms.AwsRoles.Delete(name) ? NoContentAsync(http) : NotFoundAsync(http),
            ("PUT", ["keys", var id, "state"]) => PutKeyStateAsync(http, id),
            ("GET", ["private-links"]) => WriteAsync(http, 200, PrivateLinkControl.List(kms.PrivateLinks)),
            ("POST", ["private-links", var name, var verb]) => PrivateLinkControl.Decision(verb) is { } decision ? DecideAsync(http, name, decision) : NotFoundAsync(http),
            _ => NotFoundAsync(http),
        };
    }

    private async Task DecideAsync(HttpContext http, string name, LinkDecision decision)
    {
        var reason = http.Request.ContentLength > 0 ? (await ReadAsync<ReasonWish>(http)).Reason : null;
        if (kms.PrivateLinks.Decide(name, decision, reason) is { } problem)
            await WriteAsync(http, 409, new Problem(problem));
        else
            await NoContentAsync(http);
    }

    private Dictionary<string, FaultState> Current() => kms.Services.ToDictionary(s => s.Name, s => new FaultState
    {
        Refuse = s.Refuses,
        ClockOffsetSeconds = s.Clock.Offset.TotalSeconds,
        Rules = s.Faults.Rules,
        Tls = s.Name == Azure ? kms.Azure.TlsFailure : null,
        Network = s.Name == Azure ? kms.Azure.Access.Network : null,
        ConditionalAccess = s.Name == Azure ? kms.Azure.TokenEndpoint.BlockedByConditionalAccess : null,
        Project = s.Name == Google ? kms.Google.Projects[GoogleService.CustomerProject] : null,
    });

    private async Task PutFaultsAsync(HttpContext http)
    {
        var wanted = await ReadAsync<Dictionary<string, FaultState>>(http);
        if (wanted.Keys.FirstOrDefault(name => kms.Services.All(s => s.Name != name)) is { } unknown)
            await WriteAsync(http, 400, new Problem($"There is no service '{unknown}'. Known: {string.Join(", ", kms.Services.Select(s => s.Name))}."));
        else if (wanted.Any(w => w.Key != Azure && (w.Value.Tls, w.Value.Network, w.Value.ConditionalAccess) != (null, null, null)))
            await WriteAsync(http, 400, new Problem("tls, network and conditionalAccess are of azure only."));
        else if (wanted.Any(w => w.Key != Google && w.Value.Project is not null))
            await WriteAsync(http, 400, new Problem("project is of google only."));
        else if (wanted.Values.SelectMany(w => w.Rules).Select(r => r.Problem()).FirstOrDefault(p => p is not null) is { } problem)
            await WriteAsync(http, 400, new Problem(problem));
        else
            await SetFaultsAsync(http, wanted);
    }

    /// <summary>What is not named is without faults afterwards.</summary>
    private async Task SetFaultsAsync(HttpContext http, Dictionary<string, FaultState> wanted)
    {
        foreach (var service in kms.Services)
        {
            var state = wanted.GetValueOrDefault(service.Name, new FaultState());
            service.Faults.Replace(state.Rules);
            service.Clock.Offset = TimeSpan.FromSeconds(state.ClockOffsetSeconds);
            await kms.RefuseAsync(service, state.Refuse, http.RequestAborted);
        }
        var azure = wanted.GetValueOrDefault(Azure, new FaultState());
        kms.Azure.TlsFailure = azure.Tls ?? TlsFailure.None;
        kms.Azure.Access.Network = azure.Network ?? NetworkRule.None;
        kms.Azure.TokenEndpoint.BlockedByConditionalAccess = azure.ConditionalAccess ?? false;
        kms.Google.Projects[GoogleService.CustomerProject] = wanted.GetValueOrDefault(Google, new FaultState()).Project ?? ProjectMode.Open;
        await WriteAsync(http, 200, Current());
    }

    private Task ClearRequestsAsync(HttpContext http)
    {
        kms.Requests.Clear();
        return NoContentAsync(http);
    }

    private async Task PutRoleAsync(HttpContext http, string name)
    {
        var wanted = await ReadAsync<RoleWish>(http);
        if (wanted.Actions is { Count: 0 })
            throw new JsonException("actions must name at least one action, or be left out for what Ear needs.");
        var role = kms.AwsRoles.Put(name, [wanted.TrustedPrincipalArn ?? kms.ControlPlaneArn], wanted.ExternalId, wanted.Actions ?? Roles.KeyUserActions);
        await WriteAsync(http, 200, View(role));
    }

    private async Task PutKeyStateAsync(HttpContext http, string id)
    {
        var wanted = await ReadAsync<StateWish>(http);
        if (!Enum.TryParse<KeyState>(wanted.State, out var state) || !Enum.IsDefined(state))
            throw new JsonException($"state must be one of {string.Join(", ", Enum.GetNames<KeyState>())}.");
        var key = kms.AwsKeys.Change(id, k => k with { State = state, DeletionDate = state == KeyState.PendingDeletion ? kms.AwsClock.Now.AddDays(30) : null });
        await WriteAsync(http, 200, new { keyArn = key.Arn, state = key.State });
    }

    private static object View(Role role) => new { name = role.Name, arn = role.Arn, trustPolicy = role.TrustPolicy, policies = role.Policies };

    private static async Task<T> ReadAsync<T>(HttpContext http) =>
        await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Json, http.RequestAborted) ?? throw new JsonException("A JSON object is needed.");

    private static async Task WriteAsync(HttpContext http, int status, object body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, body, body.GetType(), Json, http.RequestAborted);
    }

    private static Task NotFoundAsync(HttpContext http) =>
        WriteAsync(http, 404, new Problem("There is nothing here. Known: /faults, /requests, /roles, /roles/{name}, /keys/{id}/state, /private-links, /private-links/{name}/approve, reject or fail."));

    private static Task NoContentAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private sealed record Problem(string Error);

    private sealed record FaultState
    {
        public bool Refuse { get; init; }

        public double ClockOffsetSeconds { get; init; }

        public IReadOnlyList<FaultRule> Rules { get; init; } = [];

        /// <summary>Azure's: what is wrong with TLS.</summary>
        public TlsFailure? Tls { get; init; }

        /// <summary>Azure's: which networks the vault is reached from.</summary>
        public NetworkRule? Network { get; init; }

        /// <summary>Azure's: Entra keeps everybody out, as for an address that it does not like (53003).</summary>
        public bool? ConditionalAccess { get; init; }

        /// <summary>Google's: what keeps the customer's project out of reach.</summary>
        public ProjectMode? Project { get; init; }
    }

    private sealed record RoleWish(string? TrustedPrincipalArn, string? ExternalId, IReadOnlyList<string>? Actions);

    private sealed record StateWish(string? State);

    private sealed record ReasonWish(string? Reason);
}
