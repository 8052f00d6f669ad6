using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextExtensions
{
    /// <summary>Where the host puts the request in <see cref="FunctionContext.Items"/>; the official package uses the same key.</summary>
    internal const string HttpContextKey = "HttpRequestContext";

    /// <summary>The request of an HTTP function; null for every other trigger.</summary>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(HttpContextKey, out var item) ? item as HttpContext : null;
}
