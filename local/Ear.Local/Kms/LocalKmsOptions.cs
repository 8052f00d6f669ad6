using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Local.Kms;

/// <summary>How the local KMSs start. A port of 0 means: the one remembered in the data folder, or any free one the first time.</summary>
internal sealed record LocalKmsOptions
{
    /// <summary>Folder for keys, roles, credentials and ports; created with mode 0700 when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Port of AWS KMS, STS and IAM on 127.0.0.1.</summary>
    public int AwsPort { get; init; }

    /// <summary>Port of Azure Key Vault and Entra (https) on 127.0.0.1.</summary>
    public int AzurePort { get; init; }

    /// <summary>Port of Google Cloud KMS (gRPC and REST) on 127.0.0.1.</summary>
    public int GooglePort { get; init; }

    /// <summary>Port of the control API on 127.0.0.1.</summary>
    public int ControlPort { get; init; }

    /// <summary>Region that is told to users; the AWS service itself serves whichever region a request is signed for.</summary>
    public string AwsRegion { get; init; } = "us-east-1";

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
