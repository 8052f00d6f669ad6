using System.Text.Json;

namespace Ear.Local.Kms;

/// <summary><c>ear kms [--aws-port N] [--control-port N] [--data DIR] [--json]</c>: the local KMS by itself, until cancelled.</summary>
internal static class KmsCommand
{
    /// <param name="json">One line of JSON when ready, and nothing else.</param>
    public static async Task RunAsync(LocalKmsOptions options, bool json, TextWriter output, TimeProvider time, CancellationToken stop)
    {
        await using var kms = await LocalKms.StartAsync(options, time, stop);
        await output.WriteLineAsync(json ? JsonSerializer.Serialize(kms.Address, JsonSerializerOptions.Web) : Page(kms.Address, kms.ControlPlaneArn, options.DataDirectory));
        await output.FlushAsync(CancellationToken.None);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stopped))
            await stopped.Task;
    }

    private static string Page(LocalKmsAddress address, string controlPlaneArn, string folder) => $$$"""
        Local AWS KMS, STS and IAM    {{{address.Aws.Endpoint}}}   ({{{address.Aws.Region}}} and every other region)
        Control API                   {{{address.Control}}}
        Keys, roles and credentials   {{{Path.GetFullPath(folder)}}}

        AWS CLI
          export AWS_ENDPOINT_URL={{{address.Aws.Endpoint}}} AWS_DEFAULT_REGION={{{address.Aws.Region}}}
          export AWS_ACCESS_KEY_ID={{{address.Aws.AccessKeyId}}} AWS_SECRET_ACCESS_KEY={{{address.Aws.SecretAccessKey}}}
          aws kms create-key
          aws sts assume-role --role-session-name try --role-arn {{{address.Aws.RoleArn}}} --external-id {{{address.Aws.ExternalId}}}

        AWS SDKs
          Set the service URL (.NET: ServiceURL and AuthenticationRegion; Java: endpointOverride; JavaScript and Python: endpoint, endpoint_url) for kms and sts.

        A role that lets Ear in (Ear is {{{controlPlaneArn}}})
          curl -X PUT {{{address.Control}}}/roles/orders -d '{"externalId":"<the external id that Ear gave you>"}'

        Make it fail; faults are gone after a restart
          curl -X PUT {{{address.Control}}}/faults -d '{"aws":{"refuse":true}}'
          curl -X PUT {{{address.Control}}}/faults -d '{"aws":{"rules":[{"operation":"Decrypt","code":"ThrottlingException","message":"Rate exceeded","times":3}]}}'
          curl -X DELETE {{{address.Control}}}/faults
          curl {{{address.Control}}}/requests

        Ctrl-C stops it; the same folder goes on with the same keys and ports.
        """;
}
