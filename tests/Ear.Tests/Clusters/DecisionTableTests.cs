using System.Runtime.CompilerServices;

namespace Ear.Tests.Clusters;

public sealed class DecisionTableTests
{
    private const string Begin = "<!-- decisions: generated, see DecisionTable -->\n";
    private const string End = "<!-- end of decisions -->";

    /// <summary>EAR_WRITE_DOCS=1 writes the page instead of comparing it.</summary>
    [Fact]
    public async Task The_page_shows_what_the_planner_does()
    {
        var page = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "cluster-lifecycle.md");
        var text = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("EAR_WRITE_DOCS") is "1")
            await File.WriteAllTextAsync(page, text[..begin] + "\n" + DecisionTable.Markdown() + text[end..], TestContext.Current.CancellationToken);
        else
            Assert.Equal("\n" + DecisionTable.Markdown(), text[begin..end]);
    }

    [Fact]
    public void No_two_situations_have_the_same_words()
        => Assert.Distinct(DecisionTable.Rows.Select(r => r.Part + r.Situation));

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
