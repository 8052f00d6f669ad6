using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ear.Telemetry;

namespace Ear.Functions.Tests.Telemetry;

/// <summary>The dashboard, the rules and the documentation speak of the metrics that there are. That a scrape names them so is shown end to end.</summary>
public sealed partial class FilesTests
{
    private static readonly string Operations = Path.Combine(Root(), "docs", "operations");

    [Theory]
    [InlineData("grafana/ear.json")]
    [InlineData("alerts/ear.rules.yml")]
    public void Every_metric_of_a_file_exists(string file)
    {
        var used = Names().Matches(File.ReadAllText(Path.Combine(Operations, file))).Select(m => m.Value).Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(ByPrometheus().SelectMany(m => m.Value)).Except(["http_server_request_duration_seconds_count", "http_server_request_duration_seconds_bucket"]));
    }

    [Fact]
    public void Every_metric_is_on_the_dashboard_and_in_the_table_with_what_to_do()
    {
        var dashboard = File.ReadAllText(Path.Combine(Operations, "grafana", "ear.json"));
        var table = File.ReadAllLines(Path.Combine(Operations, "telemetry.md")).Where(l => l.StartsWith("| `ear.", StringComparison.Ordinal)).ToDictionary(l => l.Split('`')[1], l => l.Split('|'));
        var there = ByPrometheus();

        Assert.Empty(there.Where(m => !m.Value.Any(n => Regex.IsMatch(dashboard, $@"\b{n}\b"))).Select(m => m.Key));
        Assert.Equal(there.Keys.Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        Assert.All(table, row => Assert.True(row.Value.Length == 6 && row.Value[2..5].All(cell => cell.Trim().Length > 5), row.Key));
    }

    [Fact]
    public void Every_panel_has_a_place_a_unit_and_a_description()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Operations, "grafana", "ear.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels.Where(p => p.GetProperty("type").GetString() != "row"), p =>
        {
            Assert.NotEmpty(p.GetProperty("description").GetString()!);
            Assert.NotEmpty(p.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.True(p.GetProperty("gridPos").GetProperty("x").GetInt32() + p.GetProperty("gridPos").GetProperty("w").GetInt32() <= 24);
        });
    }

    /// <summary>The instruments, with the names under which Prometheus has them.</summary>
    private static Dictionary<string, string[]> ByPrometheus()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (i, _) => { if (i.Meter.Name == EarMeters.Name) lock (instruments) instruments.Add(i); } };
        listener.Start();
        GC.KeepAlive(new EarMeters());
        lock (instruments)
            return instruments.DistinctBy(i => i.Name).ToDictionary(i => i.Name, NamesOf);
    }

    private static string[] NamesOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument switch
        {
            Counter<long> => [$"{name}_total"],
            Histogram<double> => [$"{name}_bucket", $"{name}_count", $"{name}_sum"],
            _ => [name],
        };
    }

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
            at = at.Parent ?? throw new InvalidOperationException("Ear.Functions.sln is not above this test program.");
        return at.FullName;
    }

    [GeneratedRegex(@"\b(ear|http_server|kestrel)_[a-z_]+\b")]
    private static partial Regex Names();
}
