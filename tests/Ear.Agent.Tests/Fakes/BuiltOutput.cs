namespace Ear.Agent.Tests.Fakes;

internal static class BuiltOutput
{
    /// <summary>The program of another project of this solution, as built beside these tests.</summary>
    public static string Of(string folder, string project)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var path = Path.Combine(Repository.Root, folder, project, "bin", configuration, "net10.0", $"{project}.dll");
        Assert.True(File.Exists(path), $"{path} is not built.");
        return path;
    }
}
