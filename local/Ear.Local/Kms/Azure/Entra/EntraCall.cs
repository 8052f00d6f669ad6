using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>A request to Entra: <c>/{tenant}/…</c>, or <c>/common/discovery/instance</c>.</summary>
internal sealed partial class EntraCall : IAzureCall
{
    private readonly AzureService service;
    private readonly string tenant;
    private readonly string traceId;
    private readonly string correlationId;
    private readonly IReadOnlyDictionary<string, StringValues> form;

    public EntraCall(AzureService service, HttpRequest request, byte[] body, string requestId)
    {
        this.service = service;
        traceId = requestId;
        correlationId = request.Headers["client-request-id"].FirstOrDefault() ?? requestId;
        var segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        tenant = segments is [var first, ..] ? first : "";
        Operation = OperationOf(request.Method, string.Join('/', segments.Skip(1)).ToLowerInvariant());
        form = Operation == "Token" ? QueryHelpers.ParseNullableQuery(Encoding.UTF8.GetString(body)) ?? [] : [];
    }

    public string Service => "entra";

    public string Operation { get; }

    /// <summary>Faults may name the client or the tenant.</summary>
    public IReadOnlyList<string> Names => Form("client_id") is { } client ? [client, tenant] : [tenant];

    public string? Caller => Form("client_id");

    public void Admit()
    {
        // Who asks is part of what is asked.
    }

    public AzureAnswer Run() => Operation switch
    {
        "Token" => new AzureAnswer(200, service.TokenEndpoint.Token(tenant, Form)),
        "InstanceDiscovery" => new AzureAnswer(200, service.Discovery.Instances()),
        "OpenIdConfiguration" => OfTenant(service.Discovery.OpenIdConfiguration),
        "JsonWebKeySet" => OfTenant(service.Tokens.KeySet),
        _ => throw new EntraRefusal(404, "invalid_request", 90015, "The requested path is not served by the local Entra."),
    };

    public AzureAnswer Answer(AzureRefusal refusal)
    {
        // A fault says its number in its message.
        var number = refusal is EntraRefusal entra ? entra.Number : int.TryParse(NumberIn().Match(refusal.Message).Groups["number"].Value, out var named) ? named : 0;
        var timestamp = service.Clock.Now.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var text = refusal is EntraRefusal && number != 0 ? $"AADSTS{number}: {refusal.Message}" : refusal.Message;
        var body = new JsonObject
        {
            ["error"] = refusal.Code,
            ["error_description"] = $"{text} Trace ID: {traceId} Correlation ID: {correlationId} Timestamp: {timestamp}",
            ["error_codes"] = number == 0 ? new JsonArray() : new JsonArray(number),
            ["timestamp"] = timestamp,
            ["trace_id"] = traceId,
            ["correlation_id"] = correlationId,
        };
        if (number != 0)
            body["error_uri"] = $"{service.Url}/error?code={number}";
        return new AzureAnswer(refusal.Status, body);
    }

    private AzureAnswer OfTenant(Func<JsonObject> answer)
    {
        service.TokenEndpoint.MustBeTenant(tenant, "invalid_tenant");
        return new AzureAnswer(200, answer());
    }

    private string? Form(string name) => form.TryGetValue(name, out var value) ? value.ToString() : null;

    private static string OperationOf(string method, string path) => (method, path) switch
    {
        ("POST", "oauth2/v2.0/token") => "Token",
        ("GET", "v2.0/.well-known/openid-configuration" or ".well-known/openid-configuration") => "OpenIdConfiguration",
        ("GET", "discovery/v2.0/keys" or "discovery/keys") => "JsonWebKeySet",
        ("GET", "discovery/instance") => "InstanceDiscovery",
        _ => "Unknown",
    };

    [GeneratedRegex(@"AADSTS(?<number>[0-9]{1,9})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NumberIn();
}
