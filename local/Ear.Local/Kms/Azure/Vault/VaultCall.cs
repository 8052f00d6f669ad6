using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>A request to the vault: who asks, whether they may, then the operation.</summary>
internal sealed class VaultCall(AzureService service, VaultRoute route, HttpRequest request, byte[] body) : IAzureCall
{
    private const string Latest = "2025-07-01";
    private static readonly string[] Versions = ["2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6-preview.1", "7.6-preview.2", "7.6", "2025-06-01-preview", Latest];

    private VaultCaller? caller;

    public string Service => "keyvault";

    public string Operation => route.Operation.Name;

    public IReadOnlyList<string> Names => route.Names;

    public string? Caller => caller?.ClientId;

    public void Admit() => caller = service.Tokens.CallerOf(request.Headers.Authorization.FirstOrDefault());

    public AzureAnswer Run()
    {
        // Decoded by name too: some clients send api%2Dversion.
        var version = request.Query["api-version"].FirstOrDefault();
        if (string.IsNullOrEmpty(version))
            throw AzureRefusal.BadParameter("api-version must be specified");
        if (!Versions.Contains(version, StringComparer.OrdinalIgnoreCase))
            throw AzureRefusal.BadParameter($"The specified version ({version}) is not recognized. Consider using the latest supported version ({Latest}).");
        service.Access.Check(caller!, route, byPrivateEndpoint: request.HttpContext.Connection.LocalPort == service.PrivatePort);
        var most = request.Query["maxresults"].FirstOrDefault() is { } text
            ? int.TryParse(text, out var number) ? number : throw AzureRefusal.BadParameter("maxresults should be a number")
            : (int?)null;
        var answer = service.Operations.Run(new VaultRequest(route, version, most, request.Query["$skiptoken"].FirstOrDefault(), body));
        return answer is null ? new AzureAnswer(204, Body: null) : new AzureAnswer(200, answer);
    }

    public AzureAnswer Answer(AzureRefusal refusal)
    {
        var error = new JsonObject { ["code"] = refusal.Code, ["message"] = refusal.Message };
        if (refusal.Inner is { } inner)
            error["innererror"] = new JsonObject { ["code"] = inner };
        return new AzureAnswer(refusal.Status, new JsonObject { ["error"] = error })
        {
            Challenge = refusal.Status == StatusCodes.Status401Unauthorized ? $"Bearer authorization=\"{service.Authority}\", resource=\"{AzureNames.VaultResource}\"" : null,
        };
    }
}
