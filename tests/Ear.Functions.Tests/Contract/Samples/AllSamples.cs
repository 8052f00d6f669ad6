namespace Ear.Functions.Tests.Contract.Samples;

/// <summary>Each room's samples; a room that gets operations adds a class of its own.</summary>
internal static class AllSamples
{
    public static IReadOnlyList<Sample> List { get; } =
    [
        .. ApiDocumentSamples.List, .. EncryptionAtRestSamples.List, .. KeyInsightSamples.List, .. PrivateEndpointSamples.List,
        .. AlertSamples.List, .. ClusterSamples.List, .. NetworkSamples.List, .. CredentialSamples.List, .. ProjectSamples.List, .. ProjectThingSamples.List,
    ];
}
