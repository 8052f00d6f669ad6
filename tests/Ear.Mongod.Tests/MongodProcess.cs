using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

/// <summary>One real Ear.Mongod process on a free port and a folder of its own.</summary>
internal sealed class MongodProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private readonly string[] _options;
    private Process? _process;
    private MongoClient? _direct;
    private int _starts;

    private MongodProcess(string dbPath, int port, string[] options) => (DbPath, Port, _options) = (dbPath, port, options);

    public string DbPath { get; }

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    public string LogPath => DbPath + ".log";

    public string[] Extra { get; set; } = [];

    public MongoClient Direct => _direct ??= Client($"mongodb://{Host}/?directConnection=true&serverSelectionTimeoutMS=5000&connectTimeoutMS=3000&appName=start{_starts}");

    public IMongoDatabase Admin => Direct.GetDatabase("admin");

    public bool HasExited => _process is null || _process.HasExited;

    public int ExitCode => _process!.ExitCode;

    public static MongodProcess Prepare(string folder, params string[] options)
    {
        Directory.CreateDirectory(folder);
        return new MongodProcess(folder, FreePort(), options);
    }

    public static async Task<MongodProcess> StartNewAsync(string folder, params string[] options)
    {
        var mongod = Prepare(folder, options);
        await mongod.StartAsync();
        return mongod;
    }

    public static MongoClient Client(string url)
    {
        var settings = MongoClientSettings.FromConnectionString(url);
        settings.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        return new MongoClient(settings);
    }

    public async Task StartAsync()
    {
        Launch();
        await Until.TrueAsync(() => HasExited || Answers(), StartLimit, () => $"{Host} did not start:\n{Log()}");
        Assert.False(HasExited, $"{Host} ended instead of starting:\n{Log()}");
    }

    /// <summary>Starts it expecting that it ends by itself; returns its exit code.</summary>
    public async Task<int> RunToEndAsync()
    {
        Launch();
        await EndedAsync();
        return ExitCode;
    }

    private void Launch()
    {
        // A new process, new connections. The driver shares a pool between clients with equal settings, so the settings must differ too.
        _direct?.Dispose();
        _direct = null;
        _starts++;
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Ear.Mongod.dll"));
        foreach (var o in (string[])["--dbpath", DbPath, "--port", $"{Port}", "--logpath", LogPath, "--logappend", .. _options, .. Extra]) start.ArgumentList.Add(o);
        _process = Process.Start(start)!;
    }

    private bool Answers()
    {
        try
        {
            using var probe = new TcpClient();
            probe.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async Task EndedAsync() => await Until.TrueAsync(() => HasExited, TimeSpan.FromSeconds(30), () => $"{Host} did not end:\n{Log()}");

    public async Task KillAsync()
    {
        _process!.Kill();
        await EndedAsync();
    }

    public async Task TerminateAsync()
    {
        Signal("TERM");
        await EndedAsync();
    }

    /// <summary>A member that has fallen asleep: alive, but it neither hears nor says anything.</summary>
    public void Pause() => Signal("STOP");

    public void Resume() => Signal("CONT");

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    public void Wipe()
    {
        Directory.Delete(DbPath, recursive: true);
        Directory.CreateDirectory(DbPath);
    }

    public string StandardError() => _process!.StandardError.ReadToEnd();

    public string Log() => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "(no log)";

    public BsonDocument Run(string json) => Admin.RunCommand<BsonDocument>(BsonDocument.Parse(json));

    /// <summary>Is this text in any file of the dbPath, as it lies on disk?</summary>
    public bool FilesContain(string marker)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(marker);
        return Directory.GetFiles(DbPath, "*", SearchOption.AllDirectories).Any(f => Path.GetFileName(f) != "mongod.lock" && File.ReadAllBytes(f).AsSpan().IndexOf(bytes) >= 0);
    }

    private static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }

    public async ValueTask DisposeAsync()
    {
        _direct?.Dispose();
        if (_process is null) return;
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
