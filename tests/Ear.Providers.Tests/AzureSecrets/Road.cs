using System.Net.Sockets;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>A way to a service that can be cut off: nothing answers then, and nothing says no either.</summary>
internal sealed class Road(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private int tried;
    private volatile TaskCompletionSource? blocked;

    public bool IsCut { get; set; }

    /// <summary>How often somebody set out.</summary>
    public int Tried => Volatile.Read(ref tried);

    /// <summary>Whoever sets out is under way until <see cref="Clear"/>.</summary>
    public void Block() => blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Clear()
    {
        IsCut = false;
        var waiting = blocked;
        blocked = null;
        waiting?.SetResult();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref tried);
        if (blocked is { } until)
            await until.Task.WaitAsync(cancellationToken);
        if (IsCut)
            throw new HttpRequestException("The connection was reset.", new SocketException((int)SocketError.ConnectionReset));
        return await base.SendAsync(request, cancellationToken);
    }
}
