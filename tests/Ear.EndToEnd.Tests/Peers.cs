namespace Ear.EndToEnd.Tests;

/// <summary>What a test needs beside Ear: where it is absent the test skips with the reason, and fails under EAR_REQUIRE_PEERS=1, as in CI.</summary>
internal static class Peers
{
    public static void Need(params string[] programs)
    {
        foreach (var program in programs.Where(p => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, p)))))
            Missing($"{program} is not installed.");
    }

    public static void Missing(string why)
    {
        if (Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
            Assert.Fail(why);
        Assert.Skip(why);
    }
}
