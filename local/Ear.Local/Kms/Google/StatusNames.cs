using Grpc.Core;

namespace Ear.Local.Kms.Google;

/// <summary>gRPC status codes, as REST answers name and number them (google.rpc.Code).</summary>
internal static class StatusNames
{
    private static readonly (StatusCode Code, string Name, int Http)[] Table =
    [
        (StatusCode.Cancelled, "CANCELLED", 499),
        (StatusCode.Unknown, "UNKNOWN", 500),
        (StatusCode.InvalidArgument, "INVALID_ARGUMENT", 400),
        (StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED", 504),
        (StatusCode.NotFound, "NOT_FOUND", 404),
        (StatusCode.AlreadyExists, "ALREADY_EXISTS", 409),
        (StatusCode.PermissionDenied, "PERMISSION_DENIED", 403),
        (StatusCode.Unauthenticated, "UNAUTHENTICATED", 401),
        (StatusCode.ResourceExhausted, "RESOURCE_EXHAUSTED", 429),
        (StatusCode.FailedPrecondition, "FAILED_PRECONDITION", 400),
        (StatusCode.Aborted, "ABORTED", 409),
        (StatusCode.OutOfRange, "OUT_OF_RANGE", 400),
        (StatusCode.Unimplemented, "UNIMPLEMENTED", 501),
        (StatusCode.Internal, "INTERNAL", 500),
        (StatusCode.Unavailable, "UNAVAILABLE", 503),
        (StatusCode.DataLoss, "DATA_LOSS", 500),
    ];

    public static string Name(this StatusCode code) => Array.Find(Table, row => row.Code == code).Name ?? "UNKNOWN";

    public static int Http(this StatusCode code) => Array.Find(Table, row => row.Code == code) is { Http: > 0 } row ? row.Http : 500;

    /// <returns>UNKNOWN for a name that is none: gRPC reads a code it does not know so.</returns>
    public static StatusCode Parse(string name) =>
        Array.Find(Table, row => string.Equals(row.Name, name, StringComparison.OrdinalIgnoreCase)) is { Name: not null } row ? row.Code : StatusCode.Unknown;
}
