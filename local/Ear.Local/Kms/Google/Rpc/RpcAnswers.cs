using Google.Protobuf;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Rpc;

/// <summary>Runs an operation for gRPC; a refusal becomes a status with grpc-status-details-bin here and nowhere else.</summary>
internal sealed class RpcAnswers(GoogleCalls calls)
{
    public async Task<TResponse> AnswerAsync<TRequest, TResponse>(ServerCallContext context, Operation<TRequest, TResponse> operation, TRequest request)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            // After a broken connection nobody hears this any more.
            return await calls.AnswerAsync(context.GetHttpContext(), operation, request) ?? throw new RpcException(new Status(StatusCode.Cancelled, ""));
        }
        catch (GoogleRefusal refusal)
        {
            throw refusal.ToStatus().ToRpcException();
        }
    }
}
