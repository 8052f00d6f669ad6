using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Benchmarks.Api;

/// <summary>Kestrel and a JSON document of the size of Ear's answers, and nothing else, in a process of its own: what HTTP costs on this machine.</summary>
internal sealed partial class BareJson : IDisposable
{
    public const string Command = "bare-json";

    private readonly Process process;

    private BareJson(Process process, Uri url) => (this.process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<BareJson> StartAsync()
    {
        var itself = Environment.ProcessPath!;
        var process = Process.Start(new ProcessStartInfo(itself, itself.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(BareJson).Assembly.Location, Command] : [Command])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        return new(process, new Uri((await process.StandardOutput.ReadLineAsync())!));
    }

    /// <summary>Serves until its standard input ends, with whoever started it.</summary>
    public static async Task ServeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        var document = new Document([new("AWS", "0123456789abcdef01234567", "arn:aws:iam::123456789012:role/ear", "11111111-2222-3333-4444-555555555555", "2026-03-01T12:00:00Z", [])], [], []);
        app.Run(async http =>
        {
            http.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(http.Response.BodyWriter, document, BareContext.Default.Document, http.RequestAborted);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Nothing is said to it.
        }
        await app.StopAsync();
    }

    public TimeSpan Processor()
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit(5_000);
        process.Dispose();
    }

    private sealed record Document(IReadOnlyList<DocumentRole> AwsIamRoles, IReadOnlyList<DocumentRole> AzureServicePrincipals, IReadOnlyList<DocumentRole> GcpServiceAccounts);

    private sealed record DocumentRole(string ProviderName, string RoleId, string AtlasAWSAccountArn, string AtlasAssumedRoleExternalId, string CreatedDate, IReadOnlyList<string> FeatureUsages);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class BareContext : JsonSerializerContext;
}
