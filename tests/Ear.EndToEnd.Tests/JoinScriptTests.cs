using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ear.EndToEnd.Tests;

/// <summary>What <c>ear-join</c> does with its key: the machine's first minutes, as cloud-init runs them.</summary>
public sealed class JoinScriptTests : IDisposable
{
    private static readonly string Source = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "agent", "install", "ear-join"));
    private readonly string folder = Directory.CreateTempSubdirectory("ear-join-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Root makes the pipe, and another user reads it: docs/operations/machines.md.</summary>
    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdin")]
    public async Task A_key_that_root_hands_through_a_pipe_reaches_Ear_as_another_user(string file)
    {
        Peers.Need("curl", "jq", "runuser");
        if (!Environment.IsPrivilegedProcess)
            Peers.Missing("This test hands a pipe to another user, which only root can.");
        using var listener = Listening(out var url);
        var asked = listener.GetContextAsync();
        // Where any user may read it, wherever the checkout is.
        var start = $"chmod 755 {folder} && install -m 0755 {Source} {folder}/ear-join && install -d -o nobody -m 0700 {folder}/machine";
        var join = RunAsync(
            $"{start} && printf the-key | runuser -u nobody -- env EAR_URL={url} EAR_MACHINES_KEY_FILE={file} EAR_HOST=127.0.0.1 EAR_DATA={folder}/machine EAR_WAIT_SECONDS=0 {folder}/ear-join");

        Assert.True(await Task.WhenAny(asked, join) == asked, join.IsCompleted ? (await join).Error : "");
        var context = await asked;
        Assert.Equal("the-key", context.Request.Headers["x-functions-key"]);
        context.Response.StatusCode = 401;
        context.Response.Close();
        Assert.Equal((1, "ear-join: the key is not accepted"), await join);
    }

    [Theory]
    [InlineData("http://ear.example.com", "must be https")]
    [InlineData("http://localhost.example.com", "must be https")]
    [InlineData("http://127.0.0.1.example.com", "must be https")]
    [InlineData("http://127.0.0.10", "must be https")]
    [InlineData("http://localhost?.example.com", "must be https")]
    [InlineData("http://localhost:80@example.com", "must not hold an @")]
    public async Task The_key_goes_in_clear_to_nobody_but_this_machine(string url, string why)
    {
        var (code, error) = await RunAsync(Join(url));

        Assert.Equal(1, code);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task And_to_this_machine_at_any_port(string path)
    {
        Peers.Need("curl", "jq");
        using var listener = Listening(out var url);
        var asked = listener.GetContextAsync();
        var join = RunAsync(Join(url + path));

        var context = await asked.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal("/api/operator/v1/awaitedNodes", context.Request.Url!.AbsolutePath);
        context.Response.StatusCode = 401;
        context.Response.Close();
        Assert.Equal((1, "ear-join: the key is not accepted"), await join);
    }

    private string Join(string url) => $"printf the-key | EAR_URL='{url}' EAR_MACHINES_KEY_FILE=- EAR_HOST=127.0.0.1 EAR_DATA={folder}/machine EAR_WAIT_SECONDS=0 sh {Source}";

    private static HttpListener Listening(out string url)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        var listener = new HttpListener { Prefixes = { url + "/" } };
        listener.Start();
        return listener;
    }

    private static async Task<(int Code, string Error)> RunAsync(string script)
    {
        var start = new ProcessStartInfo("sh", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync(Cancellation);
        var error = await shell.StandardError.ReadToEndAsync(Cancellation);
        await output;
        await shell.WaitForExitAsync(Cancellation);
        return (shell.ExitCode, error.Trim());
    }
}
