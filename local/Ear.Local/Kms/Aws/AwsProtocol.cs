using Ear.Local.Kms.Aws.Signing;

namespace Ear.Local.Kms.Aws;

internal sealed record AwsAnswer(int Status, string ContentType, string Body);

/// <summary>One request in one of AWS's two wire protocols: what is asked, how it is run, and how a refusal is written.</summary>
internal interface IAwsProtocol
{
    /// <summary>Name of the service that the signature must be for: kms, sts or iam.</summary>
    string Service { get; }

    string Operation { get; }

    /// <summary>Every name of the key (or role) concerned, for fault rules; the first is what the request log shows.</summary>
    IReadOnlyList<string> Names { get; }

    /// <exception cref="AwsRefusal">The service says no.</exception>
    AwsAnswer Run(SignedBy signer, string requestId);

    AwsRefusal Refusal(SignatureRefusedException refused);

    AwsAnswer Error(AwsRefusal refusal, string requestId);
}
