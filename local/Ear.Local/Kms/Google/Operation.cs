using Google.Protobuf;

namespace Ear.Local.Kms.Google;

/// <summary>One operation of the service, run the same by whichever door a request comes.</summary>
/// <param name="Name">By which faults and the request log know it; the name of the rpc.</param>
/// <param name="Permission">IAM permission it needs on its resource; null: only a valid token.</param>
/// <param name="Resource">What it is about, parsed and checked.</param>
/// <param name="Run">Called after authentication, with the permission given.</param>
internal sealed record Operation<TRequest, TResponse>(
    string Name, string? Permission, Func<TRequest, ResourceName> Resource, Func<TRequest, GoogleCaller, TResponse> Run)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>;
