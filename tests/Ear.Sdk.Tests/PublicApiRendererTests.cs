using System.Reflection;
using Ear.Sdk.Tests.PublicApi;

namespace Ear.Sdk.Tests;

/// <summary>The comparison is only worth something if it notices a difference: one sample, one wrong line at a time.</summary>
public sealed class PublicApiRendererTests
{
    private const string S = "Ear.Sdk.Tests.PublicApiRendererTests.Sample";
    private const string G = "Ear.Sdk.Tests.PublicApiRendererTests.Box<T>";

    private static readonly string[] SampleLines =
    [
        S,
        $"{S}.Sample(string! name) -> void",
        $"{S}.Name.get -> string?",
        $"{S}.Name.init -> void",
        $"{S}.Count.get -> int?",
        $"{S}.Count.set -> void",
        $"static {S}.Parse(string! text, System.DayOfWeek day = System.DayOfWeek.Monday, System.Threading.CancellationToken cancellation = default(System.Threading.CancellationToken)) -> {S}!",
        $"virtual {S}.Find(System.Collections.Generic.IDictionary<string!, object?>! map, params string![]? keys) -> System.Threading.Tasks.Task<string?>!",
        $"{S}.Try<T>(T! value, out long number, double factor = 1.5, string! word = \"x\") -> T?",
        $"abstract {S}.Close(bool now = false) -> void",
        $"override {S}.ToString() -> string!",
        $"const {S}.Limit = 5 -> int",
        $"static readonly {S}.Zero -> {S}?",
    ];

    public static TheoryData<string, string> WrongLines => new()
    {
        { "-> string?", "-> string!" },
        { "Name.init", "Name.set" },
        { "int?", "int" },
        { "static Ear.Sdk.Tests.PublicApiRendererTests.Sample.Parse", "Ear.Sdk.Tests.PublicApiRendererTests.Sample.Parse" },
        { "DayOfWeek.Monday", "DayOfWeek.Sunday" },
        { " = default(System.Threading.CancellationToken)", "" },
        { "virtual ", "" },
        { "object?>", "object!>" },
        { "params ", "" },
        { "out long", "long" },
        { "factor = 1.5", "factor = 1" },
        { "\"x\"", "\"y\"" },
        { "abstract ", "virtual " },
        { "override ", "" },
        { "Limit = 5", "Limit = 6" },
        { "readonly ", "" },
        { "Sample(string! name)", "Sample(string! title)" },
    };

    [Fact]
    public void A_type_is_written_as_the_list_writes_it() =>
        Assert.Equal(SampleLines.Order(StringComparer.Ordinal), PublicApiRenderer.Render(typeof(Sample)).Order(StringComparer.Ordinal));

    [Fact]
    public void Generic_types_enums_delegates_and_interfaces_are_written_as_the_list_writes_them()
    {
        Assert.Equal([G, $"{G}.Box() -> void", $"{G}.Value.get -> T", $"{G}.Value.set -> void", $"{G}.Other.get -> T?"], PublicApiRenderer.Render(typeof(Box<>)));
        Assert.Equal(
            ["Ear.Sdk.Tests.PublicApiRendererTests.Kind", "Ear.Sdk.Tests.PublicApiRendererTests.Kind.A = 0 -> Ear.Sdk.Tests.PublicApiRendererTests.Kind", "Ear.Sdk.Tests.PublicApiRendererTests.Kind.B = 7 -> Ear.Sdk.Tests.PublicApiRendererTests.Kind"],
            PublicApiRenderer.Render(typeof(Kind)));
        Assert.Equal(
            ["Ear.Sdk.Tests.PublicApiRendererTests.Step", "virtual Ear.Sdk.Tests.PublicApiRendererTests.Step.Invoke(object! sender) -> void"],
            PublicApiRenderer.Render(typeof(Step)));
        Assert.Equal(
            ["Ear.Sdk.Tests.PublicApiRendererTests.IPart", "Ear.Sdk.Tests.PublicApiRendererTests.IPart.Get() -> int"],
            PublicApiRenderer.Render(typeof(IPart)));
    }

    [Theory]
    [MemberData(nameof(WrongLines))]
    public void A_member_whose_signature_differs_is_named(string right, string wrong)
    {
        var line = Assert.Single(SampleLines, l => l.Contains(right, StringComparison.Ordinal));
        var surface = new Surface(SampleLines.Select(l => l == line ? l.Replace(right, wrong, StringComparison.Ordinal) : l));

        Assert.Equal([line], surface.Missing(PublicApiRenderer.Render(typeof(Sample))));
    }

    [Fact]
    public void A_member_that_is_in_no_package_is_named()
    {
        var surface = new Surface(SampleLines.Where(l => !l.Contains("Close", StringComparison.Ordinal)));

        Assert.Contains("Close", Assert.Single(surface.Missing(PublicApiRenderer.Render(typeof(Sample)))));
    }

    public abstract class Sample
    {
        public const int Limit = 5;
        public static readonly Sample? Zero;

        protected Sample(string name) => Name = name;

        public string? Name { get; init; }

        public int? Count { get; set; }

        public static Sample Parse(string text, DayOfWeek day = DayOfWeek.Monday, CancellationToken cancellation = default) =>
            throw new NotSupportedException(text + day + cancellation.IsCancellationRequested);

        public virtual Task<string?> Find(IDictionary<string, object?> map, params string[]? keys) => Task.FromResult((string?)null);

        public T? Try<T>(T value, out long number, double factor = 1.5, string word = "x")
            where T : class
        {
            number = word.Length + (long)factor;
            return value;
        }

        public abstract void Close(bool now = false);

        public override string ToString() => Name ?? "";

        internal void Hidden() => Assert.NotNull(this);
    }

    public sealed class Box<T>
    {
        public T Value { get; set; } = default!;

        public T? Other => Value;
    }

    public enum Kind
    {
        A,
        B = 7,
    }

    public delegate void Step(object sender);

    public interface IPart
    {
        int Get();
    }
}
