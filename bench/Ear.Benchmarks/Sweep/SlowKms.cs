using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Benchmarks.Sweep;

/// <summary>A KMS that answers every request after a while, in a process of its own: its work is not what is measured.</summary>
internal sealed class SlowKms : IDisposable
{
    public const string Command = "slow-kms";

    /// <summary>32 bytes of plaintext and a key, as AWS KMS answers Decrypt.</summary>
    private static readonly byte[] Answer =
        """{"KeyId":"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555","Plaintext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}"""u8.ToArray();

    /// <summary>As STS answers AssumeRole.</summary>
    private static readonly byte[] Session =
        """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>session</AccessKeyId><SecretAccessKey>session</SecretAccessKey>
        <SessionToken>session</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """u8.ToArray();

    private readonly Process process;

    private SlowKms(Process process, Uri url)
    {
        this.process = process;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<SlowKms> StartAsync(TimeSpan delay)
    {
        string[] arguments = [Command, $"{delay.TotalMilliseconds}"];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(SlowKms).Assembly.Location, .. arguments] : arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        return new(process, new Uri((await process.StandardOutput.ReadLineAsync())!));
    }

    /// <summary>Serves until its standard input ends, with whoever started it.</summary>
    public static async Task ServeAsync(TimeSpan delay)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(async http =>
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, http.RequestAborted);
            var sts = http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) is true;
            var answer = sts ? Session : Answer;
            http.Response.ContentType = sts ? "text/xml" : "application/x-amz-json-1.1";
            http.Response.ContentLength = answer.Length;
            await http.Response.Body.WriteAsync(answer, http.RequestAborted);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Nothing is said to it.
        }
        await app.StopAsync();
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit(5_000);
        process.Dispose();
    }
}
