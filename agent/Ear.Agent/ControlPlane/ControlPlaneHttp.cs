namespace Ear.Agent.ControlPlane;

internal static class ControlPlaneHttp
{
    /// <summary>One client for the life of the agent; timeouts are per request, so that the long poll may be long.</summary>
    public static HttpClient Create(Uri controlPlane)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxConnectionsPerServer = 8,
            // So that a moved control plane is found under its new address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        return new HttpClient(handler, disposeHandler: true)
        {
            BaseAddress = new Uri(controlPlane.AbsoluteUri.TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = ControlPlaneClient.MaxAnswerBytes,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
