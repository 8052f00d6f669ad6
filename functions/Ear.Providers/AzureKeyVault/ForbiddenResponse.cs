using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Ear.Providers.AzureKeyVault;

/// <summary>A 403 that nobody sent.</summary>
internal sealed class ForbiddenResponse(string clientRequestId) : Response
{
    public override int Status => 403;

    public override string ReasonPhrase => "Forbidden";

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = clientRequestId;

    public override void Dispose()
    {
    }

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return false;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = null;
        return false;
    }

    protected override bool ContainsHeader(string name) => false;

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];
}
