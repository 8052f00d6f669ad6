using System.Diagnostics;
using OpenTelemetry;

namespace Ear.Functions.Telemetry;

/// <summary>
/// Takes from the spans of outgoing HTTP calls whom they called: the address of a vault and the path of a key are the customer's, and a webhook's URL may be
/// a secret. The span around each call says which provider it was.
/// </summary>
internal sealed class OutgoingCalls : BaseProcessor<Activity>
{
    public const string Source = "System.Net.Http";

    private static readonly string[] Whom = ["url.full", "server.address", "server.port", "network.peer.address", "network.peer.port"];

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name != Source)
            return;
        foreach (var tag in Whom)
            data.SetTag(tag, null);
    }
}
