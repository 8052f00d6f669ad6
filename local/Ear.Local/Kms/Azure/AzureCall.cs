using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Azure;

/// <summary>A request, understood as far as its address goes.</summary>
internal interface IAzureCall
{
    string Service { get; }

    string Operation { get; }

    /// <summary>By which a fault may name what it hits; the first goes into the request log.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Client id, once known.</summary>
    string? Caller { get; }

    /// <summary>Finds out who asks. Before faults: a fault that is to hit once must not be used up by a challenge.</summary>
    /// <exception cref="AzureRefusal">401.</exception>
    void Admit();

    AzureAnswer Run();

    AzureAnswer Answer(AzureRefusal refusal);
}

/// <param name="Body">null: none (204).</param>
internal sealed record AzureAnswer(int Status, JsonObject? Body)
{
    /// <summary>WWW-Authenticate.</summary>
    public string? Challenge { get; init; }

    /// <summary>Tokens and plaintexts are in here.</summary>
    public override string ToString() => $"AzureAnswer {Status}";
}
