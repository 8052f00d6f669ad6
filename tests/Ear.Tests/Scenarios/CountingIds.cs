namespace Ear.Tests.Scenarios;

/// <summary>The same ids in every run of a story.</summary>
internal sealed class CountingIds : IIds
{
    private int _next;

    public string NewHex() => $"{++_next:x24}";

    public Guid NewGuid() => new(++_next, 0, 0, new byte[8]);

    public byte[] Secret(int length) => [.. Enumerable.Range(++_next, length).Select(i => (byte)i)];

    public double NextDouble() => 0.5;
}
