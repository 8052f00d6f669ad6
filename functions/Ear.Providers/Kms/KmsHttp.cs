using System.Net.Security;

namespace Ear.Providers.Kms;

/// <summary>The way out to a service: no redirect is followed (an identifier must not lead anywhere else), no cookie kept, no answer read without end.</summary>
internal static class KmsHttp
{
    /// <summary>An answer of these services has some kilobytes at most.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <param name="tls">Whom to trust; null: whom the system trusts.</param>
    /// <param name="connect">How connections are opened; null: to where the host's name leads, or by the proxy of this process. With a way of its own there is no proxy: the way would be asked to lead to that.</param>
    // Connections are renewed so that a moved endpoint (DNS) is followed.
    public static HttpMessageHandler Handler(
        TimeSpan connectTimeout, SslClientAuthenticationOptions? tls = null, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) => new WholeAnswers(new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = tls ?? new(),
            UseProxy = connect is null,
            ConnectCallback = connect,
        });

    /// <summary>Whether an SDK failed because the service's answer was no whole answer.</summary>
    public static bool IsBadAnswer(Exception? exception) => exception is not null && (exception is BadAnswerException || IsBadAnswer(exception.InnerException));

    private sealed class WholeAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken);
                return response;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                response.Dispose();
                throw new BadAnswerException(e);
            }
        }
    }
}

/// <summary>The service began to answer, and its answer was cut off or too long.</summary>
internal sealed class BadAnswerException(Exception inner) : HttpRequestException("The answer was cut off or too long.", inner);
