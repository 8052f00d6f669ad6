namespace Ear.EndToEnd.Tests;

/// <summary>A start that settings forbid, as a person sees it.</summary>
public sealed class FaultySettingsTests : IDisposable
{
    private static readonly (string, string)[] Faulty = [("Ear__Http__BodyLimitBytes", "1"), ("Ear__Reconciliation__WokenPerMinute", "many"), ("Ear__Announcer__BatchSize", "0")];

    private static readonly string[] Told =
    [
        "Ear cannot start: 3 settings are missing or wrong. In the environment and in Azure, write __ for each colon of a name.",
        "  Ear:Announcer:BatchSize is 0; choose 1 to 4096.",
        "  Ear:Http:BodyLimitBytes is 1; choose 1024 to 16777216.",
        "  Ear:Reconciliation:WokenPerMinute is no whole number, or too large; write digits.",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("ear-faulty-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Ear_up_tells_all_of_it_in_one_message_and_ends()
    {
        var (code, output, error) = await EarCommand.RunAsync(["up", "--port", "0", "--data", folder, "--json"], TimeSpan.FromMinutes(1), Faulty);

        Assert.Equal((1, ""), (code, output));
        Assert.Equal(Told, error.TrimEnd().Split(Environment.NewLine)[^Told.Length..]);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ear_demo_shows_the_same_and_fails()
    {
        var (code, output, error) = await EarCommand.RunAsync(["demo"], TimeSpan.FromMinutes(1), Faulty);

        Assert.Equal(1, code);
        Assert.All(Told, line => Assert.Contains(line, output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
    }
}
