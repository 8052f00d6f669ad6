using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Ear.Local.Demo;

/// <summary>The local KMS's control listener: what a customer does in the IAM console, and the faults of the story.</summary>
internal sealed class KmsControl(Uri control) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = control };

    public async Task<string> CreateRoleAsync(string name, string trustedPrincipal, string externalId, CancellationToken cancellation)
    {
        using var answer = await http.PutAsJsonAsync($"roles/{name}", new { trustedPrincipalArn = trustedPrincipal, externalId }, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["arn"]!.GetValue<string>();
    }

    /// <summary>The service's listener closes: connecting is refused.</summary>
    public async Task RefuseAsync(CancellationToken cancellation)
    {
        using var answer = await http.PutAsJsonAsync("faults", new { aws = new { refuse = true } }, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public async Task ClearAsync(CancellationToken cancellation)
    {
        using var answer = await http.DeleteAsync("faults", cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();
}
