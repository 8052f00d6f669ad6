using System.Text.Json;

namespace Ear.Local.Kms;

/// <summary><c>ear kms [--aws-port N] [--azure-port N] [--google-port N] [--data DIR] [--json]</c>: the local KMSs by themselves, until cancelled.</summary>
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
        AWS KMS, STS and IAM          {{{address.Aws.Endpoint}}}   ({{{address.Aws.Region}}} and every other region)
        Azure Key Vault and Entra     {{{address.Azure.VaultUrl}}}   (trust {{{address.Azure.CaFile}}})
        Google Cloud KMS              {{{address.Google.RestEndpoint}}}   (gRPC and REST, with TLS or without)
        Control API                   {{{address.Control}}}
        Keys, roles and credentials   {{{Path.GetFullPath(folder)}}}

        AWS CLI and SDKs
          export AWS_ENDPOINT_URL={{{address.Aws.Endpoint}}} AWS_DEFAULT_REGION={{{address.Aws.Region}}}
          export AWS_ACCESS_KEY_ID={{{address.Aws.AccessKeyId}}} AWS_SECRET_ACCESS_KEY={{{address.Aws.SecretAccessKey}}}
          aws kms create-key
          aws sts assume-role --role-session-name try --role-arn {{{address.Aws.RoleArn}}} --external-id {{{address.Aws.ExternalId}}}
          .NET: ServiceURL and AuthenticationRegion; Java: endpointOverride; JavaScript and Python: endpoint, endpoint_url.

        Azure SDKs
          export AZURE_TENANT_ID={{{address.Azure.TenantId}}} AZURE_CLIENT_ID={{{address.Azure.ClientId}}} AZURE_CLIENT_SECRET={{{address.Azure.ClientSecret}}}
          export NODE_EXTRA_CA_CERTS={{{address.Azure.CaFile}}} REQUESTS_CA_BUNDLE={{{address.Azure.CaFile}}} SSL_CERT_FILE={{{address.Azure.CaFile}}}
          authority host {{{new Uri(address.Azure.Authority).GetLeftPart(UriPartial.Authority)}}} without instance discovery, vault {{{address.Azure.VaultUrl}}} without verification of the challenge's resource:
          JavaScript new KeyClient(vaultUrl, new ClientSecretCredential(…, {authorityHost, disableInstanceDiscovery: true}), {disableChallengeResourceVerification: true});
          .NET AuthorityHost, DisableInstanceDiscovery, DisableChallengeResourceVerification; Python authority, disable_instance_discovery, verify_challenge_resource=False.
          curl --cacert {{{address.Azure.CaFile}}} {{{address.Azure.Authority}}}/oauth2/v2.0/token -d grant_type=client_credentials -d scope=https://vault.azure.net/.default -d client_id=… -d client_secret=…

        Google SDKs and gcloud
          export GOOGLE_APPLICATION_CREDENTIALS={{{address.Google.ServiceAccountKeyFile}}}
          export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH={{{address.Azure.CaFile}}} NODE_EXTRA_CA_CERTS={{{address.Azure.CaFile}}}
          project {{{address.Google.ProjectId}}}; the same port speaks gRPC and REST, with TLS as localhost or without:
          JavaScript new KeyManagementServiceClient({apiEndpoint: 'localhost', port}), by REST with fallback: true; .NET Endpoint; Python client_options={"api_endpoint": …}.
          gcloud auth activate-service-account --key-file {{{address.Google.ServiceAccountKeyFile}}}
          gcloud config set api_endpoint_overrides/cloudkms {{{address.Google.RestEndpoint}}}/

        A role that lets Ear in at AWS (Ear is {{{controlPlaneArn}}})
          curl -X PUT {{{address.Control}}}/roles/orders -d '{"externalId":"<the external id that Ear gave you>"}'

        Make a service fail (aws, azure, google); faults are gone after a restart
          curl -X PUT {{{address.Control}}}/faults -d '{"azure":{"refuse":true}}'
          curl -X PUT {{{address.Control}}}/faults -d '{"aws":{"rules":[{"operation":"Decrypt","code":"ThrottlingException","message":"Rate exceeded","times":3}]}}'
          curl -X PUT {{{address.Control}}}/faults -d '{"azure":{"network":"Firewall"},"google":{"project":"VpcServiceControls"}}'     (azure also: tls UntrustedCertificate or BrokenHandshake, conditionalAccess)
          curl -X DELETE {{{address.Control}}}/faults
          curl {{{address.Control}}}/requests

        Private links that an Ear in this process has made (ear up): Azure's wait for approval, AWS's come up by themselves
          curl {{{address.Control}}}/private-links
          curl -X POST {{{address.Control}}}/private-links/NAME/approve     (or reject; or fail -d '{"reason":"…"}')

        Ctrl-C stops it; the same folder goes on with the same keys and ports.
        """;
}
