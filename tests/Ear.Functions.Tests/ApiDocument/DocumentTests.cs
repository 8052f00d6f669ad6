using Ear.Functions.ApiDocument;

namespace Ear.Functions.Tests.ApiDocument;

/// <summary>The document as this app has it.</summary>
public sealed class DocumentTests
{
    private static AssembledDocument Own { get; } = DocumentAssembler.OfApp(typeof(EarApp).Assembly);

    [Fact]
    public void Nothing_is_wrong_with_the_fragments() => Assert.Empty(Own.Faults);

    [Fact]
    public void Every_operation_that_is_served_is_documented() => Assert.Empty(Own.Undocumented);

    [Fact]
    public void Every_operation_that_is_documented_is_served()
    {
        var served = ServedOperation.Of(typeof(EarApp).Assembly.GetExportedTypes()).Select(o => (o.Path, o.Method, o.Id)).ToHashSet();
        var documented = OpenApi.Own.Operations.Select(o => (o.Path, o.Method, o.Id)).ToArray();

        Assert.NotEmpty(documented);
        Assert.All(documented, o => Assert.Contains(o, served));
    }

    [Fact]
    public void Every_reference_in_the_document_leads_somewhere()
        => Assert.All(OpenApi.References(Own.Document), reference => Assert.True(OpenApi.Own.Find(reference) is not null, $"{reference} leads nowhere."));
}
