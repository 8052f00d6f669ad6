using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Ear.Local.Kms;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Tls;
using Ear.PrivateEndpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ear.Providers.Tests.AzurePrivateLink;

/// <summary>
/// As much of Azure Resource Manager as private endpoints need, over https: deployments of a resource group and what they make, with the forms of the public
/// REST specifications. Nothing there happens by itself: <see cref="Work"/> lets the cloud do its next step.
/// </summary>
internal sealed class ArmStandIn : IAsyncDisposable
{
    public const string Subscription = "aaaaaaaa-0000-0000-0000-000000000001";
    public const string Group = "ear-links";
    public const string Path = $"/subscriptions/{Subscription}/resourceGroups/{Group}";
    public const string Subnet = $"/subscriptions/{Subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/ear/subnets/endpoints";
    public const string Address = "10.1.0.4";
    private readonly string folder = Directory.CreateTempSubdirectory("ear-arm-").FullName;
    private readonly TimeProvider time;
    private readonly TlsPort tls;
    private readonly Lock gate = new();
    private Listener listener = null!;

    private ArmStandIn(TimeProvider time)
    {
        this.time = time;
        tls = new TlsPort(LocalCa.LoadOrCreate(new KmsFolder(folder), TimeProvider.System), TimeProvider.System);
    }

    public Uri Url => new(listener.Url);

    public string CaFile => System.IO.Path.Combine(folder, LocalCa.CertificateFile);

    public Dictionary<string, ArmStandInDeployment> Deployments { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, ArmStandInEndpoint> Endpoints { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Method and the path below the resource group.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>What goes wrong, in turn; each until its times are over.</summary>
    public List<ArmFault> Faults { get; } = [];

    /// <summary>What each answer that begins an operation says of it, in seconds or as a date; null: nothing.</summary>
    public string? OperationRetryAfter { get; set; } = "10";

    /// <summary>How many answers told where their operation could be followed.</summary>
    public int OperationsTold { get; private set; }

    /// <summary>How the next deployment ends; null: well.</summary>
    public JsonObject? NextFailure { get; set; }

    public static async Task<ArmStandIn> StartAsync(TimeProvider time)
    {
        var arm = new ArmStandIn(time);
        var setup = new ListenerSetup(app => app.Run(arm.HandleAsync)) { Listen = arm.tls.Configure, Scheme = "https", Host = "localhost" };
        arm.listener = await Listener.StartAsync("Azure Resource Manager", 0, setup, TestContext.Current.CancellationToken);
        return arm;
    }

    /// <summary>Of an Ear that has a network in these regions.</summary>
    public Dictionary<string, string?> Settings(params string[] regions)
    {
        var settings = regions.ToDictionary(region => $"Ear:PrivateLink:Regions:{region}:SubnetId", string? (_) => Subnet);
        settings["Ear:PrivateLink:SubscriptionId"] = Subscription;
        settings["Ear:PrivateLink:ResourceGroup"] = Group;
        settings["Ear:PrivateLink:ManagementEndpoint"] = Url.ToString();
        settings["Ear:PrivateLink:CaFile"] = CaFile;
        return settings;
    }

    /// <summary>Each deployment, and each deletion, goes one step on.</summary>
    public void Work()
    {
        lock (gate)
        {
            foreach (var gone in Endpoints.Where(e => e.Value.State == "Deleting").ToList())
                Endpoints.Remove(gone.Key);
            foreach (var gone in Deployments.Where(d => d.Value.State == "Deleting").ToList())
                Deployments.Remove(gone.Key);
            // What a deployment began goes on without it.
            foreach (var endpoint in Endpoints.Where(e => e.Value.State == "Updating" && !(Deployments.TryGetValue(e.Key, out var of) && of.IsActive)))
                endpoint.Value.State = "Succeeded";
            foreach (var deployment in Deployments.Values)
                GoOn(deployment);
        }
    }

    public ArmStandInEndpoint Of(PrivateEndpointId id) => Endpoints[$"ear-{id}"];

    /// <summary>As the vault's owner: Approved, Rejected, Disconnected.</summary>
    public void Decide(PrivateEndpointId id, string status) => Of(id).Status = status;

    public static JsonObject Failure(string code, string message) => new()
    {
        ["code"] = "DeploymentFailed",
        ["message"] = "At least one resource deployment operation failed. Please list deployment operations for details.",
        ["details"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }),
    };

    public Task RefuseAsync(bool refuse) => refuse ? listener.CloseAsync() : listener.OpenAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        tls.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void GoOn(ArmStandInDeployment deployment)
    {
        if (deployment.State == "Accepted")
        {
            deployment.State = "Running";
            if (deployment.Failure is null)
                Endpoints.TryAdd(deployment.Parameters["privateEndpointName"], new ArmStandInEndpoint(deployment.Parameters));
        }
        else if (deployment.State == "Running")
        {
            deployment.State = deployment.Failure is null ? "Succeeded" : "Failed";
            deployment.Ended = time.GetUtcNow();
            if (Endpoints.TryGetValue(deployment.Parameters["privateEndpointName"], out var endpoint) && endpoint.State == "Updating")
                endpoint.State = "Succeeded";
        }
    }

    private async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        var asked = $"{http.Request.Method} {(path.StartsWith(Path, StringComparison.OrdinalIgnoreCase) ? path[Path.Length..] : path)}";
        Requests.Enqueue(asked);
        var body = http.Request.ContentLength > 0 ? await JsonNode.ParseAsync(http.Request.Body) : null;
        ArmFault? fault;
        ArmReply? reply = null;
        lock (gate)
        {
            fault = Faults.Find(f => f.Times > 0 && asked.StartsWith(f.Asked, StringComparison.Ordinal));
            fault?.Take();
            if (fault is null or { AfterEffect: true })
                reply = Answer(http.Request, asked, body as JsonObject);
            if (reply?.Operation is not null)
                (OperationsTold, reply) = (OperationsTold + 1, reply with { RetryAfter = OperationRetryAfter });
        }
        await (fault?.Held ?? Task.CompletedTask);
        if (fault is { Status: 0 })
            http.Abort();
        else
            await (fault?.Reply ?? reply!).WriteAsync(http);
    }

    private ArmReply Answer(HttpRequest request, string asked, JsonObject? body)
    {
        if (!request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.Ordinal))
            return ArmReply.Error(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
        if (!request.Query.ContainsKey("api-version"))
            return ArmReply.Error(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        return asked.Split('/') switch
        {
            ["PUT ", "providers", "Microsoft.Resources", "deployments", var name] => Deploy(name, body!),
            ["GET ", "providers", "Microsoft.Resources", "deployments", var name] => Deployments.TryGetValue(name, out var found) ? new(200, found.Json(name)) : NoDeployment(name),
            ["POST ", "providers", "Microsoft.Resources", "deployments", var name, "cancel"] => Cancel(name),
            ["DELETE ", "providers", "Microsoft.Resources", "deployments", var name] => DeleteDeployment(name),
            ["GET ", "providers", "Microsoft.Network", "privateEndpoints", var name] => Endpoints.TryGetValue(name, out var found) ? new(200, found.Json(name)) : NoResource($"privateEndpoints/{name}"),
            ["DELETE ", "providers", "Microsoft.Network", "privateEndpoints", var name] => DeleteEndpoint(name),
            ["GET ", "providers", "Microsoft.Network", "networkInterfaces", var name] => Endpoints.Values.FirstOrDefault(e => e.InterfaceName == name) is { } of ? new(200, of.InterfaceJson()) : NoResource($"networkInterfaces/{name}"),
            _ => ArmReply.Error(404, "InvalidResourceType", $"The resource type of '{asked}' could not be found."),
        };
    }

    private ArmReply Deploy(string name, JsonObject body)
    {
        if (Deployments.TryGetValue(name, out var active) && active.IsActive)
            return ArmReply.Error(409, "DeploymentActive", $"The deployment with resource id '{Path}/providers/Microsoft.Resources/deployments/{name}' cannot be saved, because this would overwrite an existing deployment which is still active.");
        if (ArmStandInDeployment.Fault(body) is { } fault)
            return ArmReply.Error(400, "InvalidTemplate", $"Deployment template validation failed: '{fault}'.");
        var isNew = active is null;
        var made = Deployments[name] = new ArmStandInDeployment(body, time.GetUtcNow()) { Failure = NextFailure?.DeepClone().AsObject() };
        NextFailure = null;
        return new(isNew ? 201 : 200, made.Json(name)) { Operation = $"{Url}subscriptions/{Subscription}/resourcegroups/{Group}/providers/Microsoft.Resources/deployments/{name}/operationStatuses/08584" };
    }

    private ArmReply Cancel(string name)
    {
        if (!Deployments.TryGetValue(name, out var deployment))
            return NoDeployment(name);
        if (!deployment.IsActive)
            return ArmReply.Error(409, "DeploymentCannotBeCancelled", $"The deployment '{name}' cannot be cancelled in its provisioning state '{deployment.State}'.");
        deployment.State = "Canceled";
        return new(204, null);
    }

    private ArmReply DeleteDeployment(string name)
    {
        if (!Deployments.TryGetValue(name, out var deployment))
            return new(204, null);
        if (deployment.IsActive)
            return ArmReply.Error(409, "DeploymentActive", $"The deployment '{name}' is active.");
        deployment.State = "Deleting";
        return new(202, null) { Operation = $"{Url}subscriptions/{Subscription}/operationresults/eyJqb2JJZCI6" };
    }

    private ArmReply DeleteEndpoint(string name)
    {
        if (!Endpoints.TryGetValue(name, out var endpoint))
            return new(204, null);
        if (endpoint.State == "Updating")
            return ArmReply.Error(409, "AnotherOperationInProgress", "Another operation on this or dependent resource is in progress.");
        endpoint.State = "Deleting";
        return new(202, null) { Operation = $"{Url}subscriptions/{Subscription}/providers/Microsoft.Network/locations/eastus2/operations/6bda" };
    }

    private static ArmReply NoDeployment(string name) => ArmReply.Error(404, "DeploymentNotFound", $"Deployment '{name}' could not be found.");

    private static ArmReply NoResource(string what) => ArmReply.Error(404, "ResourceNotFound", $"The Resource 'Microsoft.Network/{what}' under resource group '{Group}' was not found.");
}
