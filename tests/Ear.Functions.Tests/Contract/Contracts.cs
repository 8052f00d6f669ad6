using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;

namespace Ear.Functions.Tests.Contract;

/// <summary>The documents that every answer is held against: Ear's own, and Atlas's where it is beside the repository.</summary>
internal static class Contracts
{
    public const string Absent = "../shared/spec/atlas-openapi-slice.json, the part of Atlas's document that Ear follows, is not beside this repository.";
    private static readonly Lazy<ContractCheck?> Found = new(Load);

    public static ContractCheck Own { get; } = new("Ear's own document", OpenApi.Own, whole: true);

    /// <summary>Null: absent.</summary>
    public static ContractCheck? Atlas => Found.Value;

    public static IEnumerable<ContractCheck> All => Atlas is { } atlas ? [Own, atlas] : [Own];

    private static ContractCheck? Load()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var file = Path.Combine(at.FullName, "..", "shared", "spec", "atlas-openapi-slice.json");
            if (File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")) && File.Exists(file))
                return new ContractCheck("Atlas's document", new OpenApi(AtlasExceptions.Applied((JsonObject)JsonNode.Parse(File.ReadAllText(file))!)), whole: false);
        }
        return null;
    }
}
