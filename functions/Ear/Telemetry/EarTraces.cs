using System.Diagnostics;

namespace Ear.Telemetry;

/// <summary>
/// Ear's spans, and how a trace goes on where no call goes on: through a document. Whoever writes down a wish, an event or an order writes the W3C
/// <c>traceparent</c> beside it; whoever acts on it begins there. So one PATCH is followed to the node's operation, across restarts and processes.
/// Span tags follow the rule of <see cref="EarMeters"/>: no key, no credential, no name of a customer's.
/// </summary>
public static class EarTraces
{
    public const string Name = "Ear";

    /// <summary>Application property of a message, as Azure's own clients name it.</summary>
    public const string MessageProperty = "Diagnostic-Id";

    /// <summary>The header of the W3C, and the same as an application property.</summary>
    public const string TraceParent = "traceparent";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>The <c>traceparent</c> of what runs now, to write down; null where nothing is traced.</summary>
    public static string? Here => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>A span of what runs now.</summary>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => Source.StartActivity(name, kind);

    /// <summary>A span that goes on from a <c>traceparent</c> that was written down; from what runs now where that is none.</summary>
    /// <inheritdoc cref="Start"/>
    public static Activity? GoOn(string? from, string name, ActivityKind kind = ActivityKind.Internal)
        => ActivityContext.TryParse(from, traceState: null, isRemote: true, out var parent) ? Source.StartActivity(name, kind, parent) : Start(name, kind);

    /// <summary>A trace of its own that only points at another one: what happens has a cause beside that wish.</summary>
    /// <inheritdoc cref="Start"/>
    public static Activity? Beside(string? other, string name)
    {
        ActivityLink[] links = ActivityContext.TryParse(other, traceState: null, isRemote: true, out var context) ? [new(context)] : [];
        return Source.StartActivity(name, ActivityKind.Internal, parentContext: default, links: links);
    }
}
