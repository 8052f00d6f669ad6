using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Google.Rpc;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Iam;

/// <summary>Why a whole project can be out of reach.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProjectMode>))]
internal enum ProjectMode
{
    Open,
    VpcServiceControls,
    ServiceDisabled,
    BillingDisabled,
    Deleted,
}

/// <summary>What lies before a project's resources. Kept in memory only, as faults are: a restart opens every project.</summary>
internal sealed class ProjectGate
{
    private const string Service = "cloudkms.googleapis.com";
    private const string Domain = "googleapis.com";

    private readonly ConcurrentDictionary<string, ProjectMode> modes = new();

    public ProjectMode this[string project]
    {
        get => modes.GetValueOrDefault(project);
        set => modes[project] = value;
    }

    /// <summary>Refuses as Google's front ends do (spec kms §2, Google).</summary>
    public void MustBeOpen(string project)
    {
        var refusal = this[project] switch
        {
            ProjectMode.VpcServiceControls => Perimeter(project),
            ProjectMode.ServiceDisabled => Consumer("SERVICE_DISABLED", project, $"Cloud Key Management Service (KMS) API has not been used in project {project} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/{Service}/overview?project={project} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."),
            ProjectMode.BillingDisabled => Consumer("BILLING_DISABLED", project, $"This API method requires billing to be enabled. Please enable billing on project #{project} by visiting https://console.developers.google.com/billing/enable?project={project} then retry. If you enabled billing for this project recently, wait a few minutes for the action to propagate to our systems and retry."),
            ProjectMode.Deleted => Consumer("CONSUMER_INVALID", project, $"Project '{project}' not found or deleted."),
            _ => null,
        };
        if (refusal is not null)
            throw refusal;
    }

    private static GoogleRefusal Perimeter(string project)
    {
        var id = Convert.ToBase64String(RandomNumberGenerator.GetBytes(42)).Replace('+', '-').Replace('/', '_');
        return new GoogleRefusal(
            StatusCode.PermissionDenied,
            $"Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: {id}",
            new PreconditionFailure { Violations = { new PreconditionFailure.Types.Violation { Type = "VPC_SERVICE_CONTROLS", Description = id } } },
            GoogleRefusal.Info("SECURITY_POLICY_VIOLATED", Domain, ("service", Service), ("uid", id), ("consumer", "projects/" + project)));
    }

    private static GoogleRefusal Consumer(string reason, string project, string message) =>
        new(StatusCode.PermissionDenied, message, GoogleRefusal.Info(reason, Domain, ("service", Service), ("consumer", "projects/" + project)));
}
