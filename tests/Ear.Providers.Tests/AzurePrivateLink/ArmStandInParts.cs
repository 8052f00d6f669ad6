using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using Microsoft.AspNetCore.Http;

namespace Ear.Providers.Tests.AzurePrivateLink;

/// <summary>One thing that goes wrong.</summary>
/// <param name="Asked">How the request begins that it is for: <c>PUT /providers/Microsoft.Resources</c>.</param>
/// <param name="Status">0: the connection breaks instead of an answer.</param>
internal sealed class ArmFault(string asked, int status, string code = "", string message = "")
{
    public string Asked => asked;

    public int Status => status;

    public int Times { get; set; } = 1;

    /// <summary>The request is carried out all the same: its answer is lost.</summary>
    public bool AfterEffect { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>What its answer waits for.</summary>
    public Task Held { get; init; } = Task.CompletedTask;

    /// <summary>In the place of an answer of Azure's form.</summary>
    public string? Page { get; init; }

    public ArmReply Reply => new(status, Page is null ? ArmReply.Error(status, code, message).Body : null) { RetryAfter = RetryAfter, Page = Page };

    public void Take() => Times--;
}

internal sealed record ArmReply(int Status, JsonObject? Body)
{
    /// <summary>Where its progress could be asked for.</summary>
    public string? Operation { get; init; }

    public string? RetryAfter { get; init; }

    public string? Page { get; init; }

    public static ArmReply Error(int status, string code, string message) => new(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.Headers["x-ms-request-id"] = "7f1c9a52";
        if (Operation is not null)
        {
            http.Response.Headers["Azure-AsyncOperation"] = $"{Operation}?api-version=2022-09-01";
            http.Response.Headers.Location = $"{Operation}?api-version=2022-09-01";
        }
        if (RetryAfter is not null)
            http.Response.Headers.RetryAfter = RetryAfter;
        if (Page is not null)
            await http.Response.WriteAsync(Page);
        else if (Body is not null)
            await http.Response.WriteAsJsonAsync(Body);
    }
}

internal sealed class ArmStandInDeployment(JsonObject body, DateTimeOffset started)
{
    public string State { get; set; } = "Accepted";

    public JsonObject? Failure { get; init; }

    public DateTimeOffset Ended { get; set; } = started;

    public bool IsActive => State is "Accepted" or "Running";

    public string Mode => body["properties"]!["mode"]!.GetValue<string>();

    public Dictionary<string, string> Parameters { get; } = body["properties"]!["parameters"]!.AsObject().Where(p => p.Value!["value"] is JsonValue).ToDictionary(p => p.Key, p => p.Value!["value"]!.GetValue<string>());

    public JsonObject Tags { get; } = body["properties"]!["parameters"]!["tags"]!["value"]!.AsObject();

    /// <summary>What the service's validation would say: parameters that are missing, unknown, or too long.</summary>
    public static string? Fault(JsonObject body)
    {
        var (declared, given) = (body["properties"]!["template"]!["parameters"]!.AsObject(), body["properties"]!["parameters"]!.AsObject());
        if (given.FirstOrDefault(p => !declared.ContainsKey(p.Key)).Key is { } unknown)
            return $"The template parameters '{unknown}' in the parameters file are not valid; they are not present in the original template";
        if (declared.FirstOrDefault(p => p.Value!["defaultValue"] is null && !given.ContainsKey(p.Key)).Key is { } missing)
            return $"The value for the template parameter '{missing}' is not provided";
        return given.FirstOrDefault(p => declared[p.Key]!["maxLength"] is { } most && p.Value!["value"]!.GetValue<string>().Length > most.GetValue<int>()).Key is { } tooLong
            ? $"Length of the value of the template parameter '{tooLong}' exceeds its limit"
            : null;
    }

    public JsonObject Json(string name) => new()
    {
        ["id"] = $"{ArmStandIn.Path}/providers/Microsoft.Resources/deployments/{name}",
        ["name"] = name,
        ["type"] = "Microsoft.Resources/deployments",
        ["properties"] = new JsonObject
        {
            ["templateHash"] = "7104146014704702713",
            ["mode"] = Mode,
            ["provisioningState"] = State,
            ["timestamp"] = Ended.ToString("O", CultureInfo.InvariantCulture),
            ["duration"] = "PT4.5S",
            ["correlationId"] = "0d1c",
            ["error"] = State == "Failed" ? Failure?.DeepClone() : null,
        },
    };
}

internal sealed class ArmStandInEndpoint(Dictionary<string, string> parameters)
{
    private readonly string name = parameters["privateEndpointName"];

    public string State { get; set; } = "Updating";

    /// <summary>Of its connection.</summary>
    public string Status { get; set; } = "Pending";

    public string? Address { get; set; } = ArmStandIn.Address;

    public string InterfaceName => $"{name}-nic";

    public string Target => parameters["keyVaultResourceId"];

    public JsonObject Json(string asked) => new()
    {
        ["name"] = asked,
        ["id"] = $"{ArmStandIn.Path}/providers/Microsoft.Network/privateEndpoints/{name}",
        ["type"] = "Microsoft.Network/privateEndpoints",
        ["location"] = parameters["location"],
        ["properties"] = new JsonObject
        {
            ["provisioningState"] = State,
            ["privateLinkServiceConnections"] = new JsonArray(),
            ["manualPrivateLinkServiceConnections"] = new JsonArray(new JsonObject
            {
                ["name"] = name,
                ["properties"] = new JsonObject
                {
                    ["provisioningState"] = "Succeeded",
                    ["privateLinkServiceId"] = Target,
                    ["groupIds"] = new JsonArray("vault"),
                    ["requestMessage"] = parameters["requestMessage"],
                    ["privateLinkServiceConnectionState"] = new JsonObject { ["status"] = Status, ["description"] = Status == "Pending" ? "Awaiting Approval" : "", ["actionsRequired"] = "None" },
                },
                ["type"] = "Microsoft.Network/privateEndpoints/manualPrivateLinkServiceConnections",
            }),
            ["customNetworkInterfaceName"] = InterfaceName,
            ["subnet"] = new JsonObject { ["id"] = parameters["subnetId"] },
            ["networkInterfaces"] = new JsonArray(new JsonObject { ["id"] = $"{ArmStandIn.Path}/providers/Microsoft.Network/networkInterfaces/{InterfaceName}" }),
            ["customDnsConfigs"] = new JsonArray(),
        },
    };

    public JsonObject InterfaceJson() => new()
    {
        ["name"] = InterfaceName,
        ["id"] = $"{ArmStandIn.Path}/providers/Microsoft.Network/networkInterfaces/{InterfaceName}",
        ["type"] = "Microsoft.Network/networkInterfaces",
        ["properties"] = new JsonObject
        {
            ["provisioningState"] = "Succeeded",
            ["ipConfigurations"] = new JsonArray(new JsonObject
            {
                ["name"] = "privateEndpointIpConfig.9a5b",
                ["properties"] = new JsonObject { ["primary"] = true, ["privateIPAddress"] = Address, ["privateIPAllocationMethod"] = "Dynamic" },
            }),
        },
    };
}

/// <summary>An identity that is given a token for whatever it asks.</summary>
internal sealed class AnyToken : TokenCredential
{
    private static readonly AccessToken Token = new("stand-in", DateTimeOffset.MaxValue);

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Token;

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Token);
}
