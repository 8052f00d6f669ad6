using Ear.Agent.Kmip;
using Ear.Agent.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Agent.Tests.Kmip;

/// <summary>A bridge on a free port, over TLS as mongod meets it.</summary>
internal sealed class RunningBridge : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource stop = new();
    private readonly KmipServer server;
    private readonly Task running;

    public RunningBridge(KmipServerOptions? options = null)
    {
        Certificates = KmipCertificates.LoadOrCreate(folder.Path, TimeProvider.System);
        var bridge = new KmipBridge(new KmipOperations(Keys), TimeProvider.System);
        server = new KmipServer(bridge, Certificates, options ?? new KmipServerOptions(), TimeProvider.System, NullLogger<KmipServer>.Instance);
        server.Bind();
        running = server.RunAsync(stop.Token);
    }

    public FakeNodeKeys Keys { get; } = new();

    public KmipCertificates Certificates { get; }

    public int Port => server.Port;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        server.Dispose();
        Certificates.Dispose();
        stop.Dispose();
        folder.Dispose();
    }
}
