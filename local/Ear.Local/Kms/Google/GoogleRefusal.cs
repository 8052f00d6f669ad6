using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace Ear.Local.Kms.Google;

/// <summary>
/// Google says no: code, text and details as the real service gives them. Each door turns it into its own form: a gRPC status with
/// grpc-status-details-bin, or a JSON error.
/// </summary>
internal sealed class GoogleRefusal(StatusCode code, string message, params IMessage[] details) : Exception(message)
{
    private const string Domain = "cloudkms.googleapis.com";

    public StatusCode Code { get; } = code;

    public IReadOnlyList<IMessage> Details { get; } = details;

    public static GoogleRefusal Invalid(string message) => new(StatusCode.InvalidArgument, message);

    public static GoogleRefusal Precondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static GoogleRefusal NotFound(ResourceName name) => new(StatusCode.NotFound, $"{name.Kind} {name} not found.");

    public static GoogleRefusal Exists(ResourceName name) => new(StatusCode.AlreadyExists, $"{name.Kind} {name} already exists.");

    /// <summary>A resource that is not there and one that the caller may not see sound the same (spec kms §1.3).</summary>
    public static GoogleRefusal Denied(string permission, string resource) => new(
        StatusCode.PermissionDenied,
        $"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
        Info("IAM_PERMISSION_DENIED", Domain, ("permission", permission), ("resource", resource)));

    public static ErrorInfo Info(string reason, string domain, params ReadOnlySpan<(string Name, string Value)> metadata)
    {
        var info = new ErrorInfo { Reason = reason, Domain = domain };
        foreach (var (name, value) in metadata)
            info.Metadata.Add(name, value);
        return info;
    }

    public Status ToStatus()
    {
        var status = new Status { Code = (int)Code, Message = Message };
        status.Details.AddRange(Details.Select(global::Google.Protobuf.WellKnownTypes.Any.Pack));
        return status;
    }
}
