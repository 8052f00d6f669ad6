using System.Diagnostics;
using System.Text.Json;
using Ear.Local.Kms;

namespace Ear.Benchmarks.Kms;

/// <summary><c>ear kms</c> as a person starts it, in a process and a folder of its own.</summary>
internal sealed class KmsProcess : IDisposable
{
    private readonly Process process;
    private readonly string folder;

    private KmsProcess(Process process, string folder) => (this.process, this.folder) = (process, folder);

    public LocalKmsAddress Address { get; private set; } = null!;

    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public static async Task<KmsProcess> StartAsync(string parent)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"ear-kms-{Environment.ProcessId}")).FullName;
        var command = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ear.Local.dll"), "kms", "--json", "--data", folder]) { UseShellExecute = false, RedirectStandardOutput = true };
        var kms = new KmsProcess(Process.Start(command)!, folder);
        var line = await kms.process.StandardOutput.ReadLineAsync();
        if (line is null)
        {
            kms.Dispose();
            throw new InvalidOperationException("ear kms ended before it was ready.");
        }
        kms.Address = JsonSerializer.Deserialize<LocalKmsAddress>(line, JsonSerializerOptions.Web)!;
        return kms;
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
