using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>The network between Ear and its account, with faults: what it does with a request is decided for each, repeats included.</summary>
internal sealed class FaultyTransport : HttpPipelineTransport, IDisposable
{
    private readonly HttpClientTransport _real = new();

    /// <summary>Called with each request's method and path; null lets it pass.</summary>
    public Func<string, string, Fault?> Decide { get; set; } = (_, _) => null;

    /// <summary>When each transaction was sent.</summary>
    public List<long> Transactions { get; } = [];

    public void Dispose() => _real.Dispose();

    public override Request CreateRequest() => _real.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The store is asynchronous throughout.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        var path = message.Request.Uri.ToUri().AbsolutePath;
        if (path.EndsWith("$batch", StringComparison.Ordinal))
        {
            lock (Transactions)
                Transactions.Add(TimeProvider.System.GetTimestamp());
        }
        var fault = Decide(message.Request.Method.Method, path);
        if (fault is Fault.Unsent)
            throw new IOException("The connection was refused.");
        if (fault is Fault.Answer answer)
        {
            message.Response = new Given(answer);
            return;
        }
        await _real.ProcessAsync(message);
        if (fault is not Fault.AnswerLost lost)
            return;
        await lost.Meanwhile();
        throw new IOException("The connection was reset.");
    }

    /// <summary>A transaction's answer is a 202 around its results; a fault may be inside.</summary>
    public static Fault.Answer Inside(int status, string code) => new(202, Multipart(status, code)) { ContentType = "multipart/mixed; boundary=batchresponse_1" };

    private static string Multipart(int status, string code) => string.Join("\r\n",
        "--batchresponse_1", "Content-Type: multipart/mixed; boundary=changesetresponse_1", "",
        "--changesetresponse_1", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
        $"HTTP/1.1 {status} Busy", "Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8", "",
        $$"""{"odata.error":{"code":"{{code}}","message":{"lang":"en-US","value":"0:The server is busy."} } }""",
        "--changesetresponse_1--", "--batchresponse_1--", "");

    internal abstract record Fault
    {
        /// <summary>It never arrives.</summary>
        public sealed record Unsent : Fault;

        /// <summary>It is carried out; the answer does not come back.</summary>
        public sealed record AnswerLost(Func<Task> Meanwhile) : Fault;

        public sealed record Answer(int Status, string Body, int? RetryAfter = null) : Fault
        {
            public string ContentType { get; init; } = "application/json";
        }
    }

    private sealed class Given(Fault.Answer answer) : Response
    {
        public override int Status => answer.Status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(Encoding.UTF8.GetBytes(answer.Body));

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<HttpHeader> EnumerateHeaders()
        {
            yield return new("Content-Type", answer.ContentType);
            if (answer.RetryAfter is { } seconds)
                yield return new("Retry-After", $"{seconds}");
        }

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = EnumerateHeaders().Where(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out var value) ? [value] : null;
            return values is not null;
        }
    }
}
