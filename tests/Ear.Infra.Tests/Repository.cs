namespace Ear.Infra.Tests;

/// <summary>The checkout that this test program was built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Infra { get; } = Path.Combine(Root, "infra");

    public static string At(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    public static string Read(params ReadOnlySpan<string> parts) => File.ReadAllText(At(parts));

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
            at = at.Parent ?? throw new InvalidOperationException("Ear.Functions.sln is not above this test program.");
        return at.FullName;
    }
}
