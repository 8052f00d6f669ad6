using Amazon.KeyManagementService;
using Ear.Providers.Kms;

namespace Ear.Providers.AwsKms;

/// <summary>A session and the client that signs with it. Not disposed when forgotten: a check may be using it, and it owns nothing but memory (connections are shared).</summary>
internal sealed class AwsSession(IAmazonKeyManagementService kms, DateTimeOffset ends) : IKmsSession
{
    public IAmazonKeyManagementService Kms => kms;

    public DateTimeOffset Ends => ends;
}
