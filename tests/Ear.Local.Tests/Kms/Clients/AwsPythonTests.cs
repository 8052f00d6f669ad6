namespace Ear.Local.Tests.Kms.Clients;

/// <summary>boto3 and the aws command as Debian has them, which sign and send otherwise than the other SDKs do (spec kms §1.1).</summary>
public sealed class AwsPythonTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public Task Boto3_finds_the_service_that_it_knows()
        => new VendorScript(Python, "aws.py").HoldsAsync(Missing("/usr/lib/python3/dist-packages/boto3", "python3-boto3"));

    [Fact]
    public Task The_aws_command_finds_the_service_that_it_knows()
        => new VendorScript(Python, "aws_cli.py").HoldsAsync(Missing("/usr/bin/aws", "awscli"));

    private static string? Missing(string path, string package)
        => File.Exists(Python) && Path.Exists(path) ? null : $"{path} is not installed (Debian: apt-get install {package}).";
}
