using Ear.Local.Kms.Google.Iam;
using Ear.Local.Kms.Google.Iam.Wire;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Rpc;

/// <summary>google.iam.v1.IAMPolicy by gRPC.</summary>
internal sealed class IamRpcDoor(RpcAnswers answers, IamOperations operations) : IAMPolicy.IAMPolicyBase
{
    public override Task<Policy> GetIamPolicy(GetIamPolicyRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.Get, request);

    public override Task<Policy> SetIamPolicy(SetIamPolicyRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.Set, request);

    public override Task<TestIamPermissionsResponse> TestIamPermissions(TestIamPermissionsRequest request, ServerCallContext context) =>
        answers.AnswerAsync(context, operations.Test, request);
}
