using System.Xml.Linq;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Signing;

namespace Ear.Local.Kms.Aws.Sts;

/// <summary>STS and IAM on the wire: form parameters in, XML out, refusals 4xx with <c>ErrorResponse</c>.</summary>
internal sealed class QueryProtocol(string service, QueryParameters parameters, StsOperations sts, IamOperations iam) : IAwsProtocol
{
    private const string ContentType = "text/xml";

    public string Service => service;

    public string Operation { get; } = parameters.Text("Action") ?? "";

    public IReadOnlyList<string> Names { get; } = (parameters.Text("RoleArn") ?? parameters.Text("RoleName")) is { } role ? [role] : [];

    private XNamespace Ns => service == "iam" ? "https://iam.amazonaws.com/doc/2010-05-08/" : "https://sts.amazonaws.com/doc/2011-06-15/";

    public AwsAnswer Run(SignedBy signer, string requestId)
    {
        var result = (service == "iam" ? iam.Run(Operation, parameters, signer.Caller) : sts.Run(Operation, parameters, signer.Caller))
            ?? throw new AwsRefusal("InvalidAction", $"Could not find operation {Operation} for version {parameters.Text("Version") ?? "NO_VERSION_SPECIFIED"}");
        return Xml(200, new XElement(Ns + (Operation + "Response"), result, new XElement(Ns + "ResponseMetadata", new XElement(Ns + "RequestId", requestId))));
    }

    public AwsRefusal Refusal(SignatureRefusedException refused) => refused.Problem switch
    {
        SignatureProblem.Missing => new("MissingAuthenticationToken", "Request is missing Authentication Token", 403),
        SignatureProblem.Incomplete => new("IncompleteSignature", refused.Message),
        SignatureProblem.UnknownToken => new("InvalidClientTokenId", refused.Message, 403),
        SignatureProblem.Expired => new("ExpiredToken", refused.Message, 403),
        _ => new("SignatureDoesNotMatch", refused.Message, 403),
    };

    public AwsAnswer Error(AwsRefusal refusal, string requestId) => Xml(refusal.Status, new XElement(Ns + "ErrorResponse",
        new XElement(Ns + "Error",
            new XElement(Ns + "Type", refusal.Status < 500 ? "Sender" : "Receiver"),
            new XElement(Ns + "Code", refusal.Code),
            new XElement(Ns + "Message", refusal.Text)),
        new XElement(Ns + "RequestId", requestId)));

    private static AwsAnswer Xml(int status, XElement root) => new(status, ContentType, root.ToString(SaveOptions.DisableFormatting));
}
