using System.Runtime.CompilerServices;

namespace Ear.Tests.Scenarios;

/// <summary>Each .scenario file of this folder is a play; its first line says what it shows.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Scenarios() => new(Directory.GetFiles(Folder(), "*.scenario").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_story_goes_as_written(string name)
        => await new Story(new World()).PlayAsync(await File.ReadAllLinesAsync(Path.Combine(Folder(), $"{name}.scenario"), TestContext.Current.CancellationToken));

    private static string Folder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}
