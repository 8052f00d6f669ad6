namespace Ear.Benchmarks;

internal interface IBenchmark
{
    /// <summary>The subcommand.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string About { get; }

    Task RunAsync(BenchmarkOptions options);
}

/// <param name="Rounds">Measured rounds after the warm-up; the table shows median, least and most.</param>
/// <param name="Folder">Where files are written: the disk that is measured.</param>
internal sealed record BenchmarkOptions(int Rounds, string Folder)
{
    public static BenchmarkOptions? Parse(ReadOnlySpan<string> args)
    {
        var (rounds, folder) = (5, Path.GetTempPath());
        for (var index = 0; index + 1 < args.Length; index += 2)
        {
            if (args[index] == "--rounds" && int.TryParse(args[index + 1], out rounds) && rounds is >= 1 and <= 100)
                continue;
            if (args[index] == "--folder" && Directory.Exists(folder = args[index + 1]))
                continue;
            return null;
        }

        return args.Length % 2 == 0 ? new(rounds, folder) : null;
    }
}
