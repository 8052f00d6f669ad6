namespace Ear.Functions.Tests.Fuzz;

/// <summary>Choices that follow from a seed, so that CsCheck's one number is the whole request.</summary>
internal sealed class Dice(uint seed)
{
    private readonly Random random = new((int)seed);

    public bool Chance(int percent) => random.Next(100) < percent;

    public int Int(int below) => random.Next(below);

    public T Of<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    public string Hex(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "0123456789abcdef"[random.Next(16)]));
}
