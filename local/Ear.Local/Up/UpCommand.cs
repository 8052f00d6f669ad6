using System.Text.Json;
using Ear.Functions.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Local.Up;

/// <summary><c>ear up [--port 7071] [--data DIR] [--store sqlite|azure-tables] [--store-connection STRING] [--machines started|awaited] [--json]</c>: all of Ear, to work with, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static async Task<int> RunAsync(UpOptions options, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await using var ear = await LocalEar.StartAsync(options, time, cancellation);
            await Console.Out.WriteLineAsync(options.Json ? Line(ear) : Page(ear));
            await Console.Out.FlushAsync(CancellationToken.None);
            await ear.WaitForShutdownAsync(cancellation);
            return 0;
        }
        catch (FaultySettingsException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"Ear cannot start: {e.Message}");
            return 1;
        }
    }

    private static string Line(LocalEar ear)
        => JsonSerializer.Serialize(
            new
            {
                baseUrl = ear.BaseUrl.ToString(),
                secureUrl = ear.SecureUrl.ToString(),
                caFile = ear.CaFile,
                orgId = ear.Access.OrgId,
                projectId = ear.Access.ProjectId,
                publicKey = ear.Access.PublicKey,
                privateKey = ear.Access.PrivateKey,
                clientId = ear.Access.ClientId,
                clientSecret = ear.Access.ClientSecret,
                ownerEmail = LocalEar.OwnerEmail,
                dataDir = ear.DataDirectory,
                machines = ear.Machines,
                machinesKey = ear.Machines == NodeMachines.Awaited ? ear.Keys.Function : null,
                operatorKey = ear.Machines == NodeMachines.Awaited ? ear.Keys.Master : null,
                kms = ear.Kms,
            },
            EarJson.Options);

    private static string Page(LocalEar ear)
    {
        var api = new Uri(ear.BaseUrl, "api/atlas/v2");
        var secrets = ear.Access is { PrivateKey: { } key, ClientSecret: { } secret }
            ? $"""
              API key           {ear.Access.PublicKey} / {key}
              Service account   {ear.Access.ClientId} / {secret}
              (shown this once: Ear keeps only digests)
              """
            : $"""
              API key           {ear.Access.PublicKey}
              Service account   {ear.Access.ClientId}
              (their secrets were shown at the first start of this folder)
              """;
        var machines = ear.Machines == NodeMachines.Awaited
            ? $"""


              Machines          are yours to start; which nodes wait for one:
                curl -H 'x-functions-key: {ear.Keys.Function}' {new Uri(ear.BaseUrl, "api/operator/v1/awaitedNodes")}
              """
            : "";
        return $$"""
            Ear               {{ear.BaseUrl}}, also {{ear.SecureUrl}} (trust {{ear.CaFile}})
            Project           {{ear.Access.ProjectId}} in organisation {{ear.Access.OrgId}}, owner {{LocalEar.OwnerEmail}}
            {{secrets}}
            AWS KMS and STS   {{ear.Kms.Aws.Endpoint}} ({{ear.Kms.Aws.Region}}), access key {{ear.Kms.Aws.AccessKeyId}} / {{ear.Kms.Aws.SecretAccessKey}}
            Azure Key Vault   {{ear.Kms.Azure.VaultUrl}}, authority {{ear.Kms.Azure.Authority}}, application {{ear.Kms.Azure.ClientId}} / {{ear.Kms.Azure.ClientSecret}}, trust {{ear.Kms.Azure.CaFile}}
            Google Cloud KMS  {{ear.Kms.Google.RestEndpoint}} (gRPC and REST), project {{ear.Kms.Google.ProjectId}}, service account {{ear.Kms.Google.ServiceAccountKeyFile}}
            KMS faults        {{ear.Kms.Control}}/faults
            Private links     {{ear.Kms.Control}}/private-links (Azure's wait for POST …/NAME/approve; also reject, fail)
            Data folder       {{ear.DataDirectory}} (mails in mail/, nodes in nodes/){{machines}}

            Try it
              curl --digest -u '{{ear.Access.PublicKey}}:PRIVATE_KEY' -H 'Accept: application/vnd.atlas.2024-08-05+json' {{api}}/groups/{{ear.Access.ProjectId}}/clusters
              curl --digest -u '{{ear.Access.PublicKey}}:PRIVATE_KEY' -H 'Accept: application/vnd.atlas.2023-01-01+json' {{api}}/groups/{{ear.Access.ProjectId}}/encryptionAtRest

            Ctrl-C stops everything cleanly; the same folder goes on.
            """;
    }
}
