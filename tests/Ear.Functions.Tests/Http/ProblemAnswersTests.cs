using Ear.CustomerKeys;
using Ear.Functions.Http.Answers;
using Ear.Outcomes;

namespace Ear.Functions.Tests.Http;

public sealed class ProblemAnswersTests
{
    public static TheoryData<Type> Problems => [.. typeof(Problem).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Problem)))];

    public static MatrixTheoryData<KeyProvider, InvalidReason> Refusals => new(Enum.GetValues<KeyProvider>(), Enum.GetValues<InvalidReason>());

    [Theory]
    [MemberData(nameof(Problems))]
    public void Every_refusal_has_a_status_a_code_and_a_sentence(Type problem)
    {
        var answer = ProblemAnswers.Of(Make(problem));

        Assert.InRange(answer.Status, 400, 503);
        Assert.Matches("^[A-Z_]+$", answer.Code);
        Assert.NotEmpty(answer.Detail);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_of_a_key_has_a_code(KeyProvider provider, InvalidReason reason)
        => Assert.NotEmpty(ProblemAnswers.Of(new Problem.KeyRefused(provider, reason, "")).Code);

    private static Problem Make(Type problem)
    {
        var constructor = problem.GetConstructors()[0];
        return (Problem)constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);
    }

    private static object Value(Type type) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => true,
        _ when type == typeof(int) => 1,
        _ when type == typeof(long) => 1L,
        _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(1),
        _ when type == typeof(IReadOnlyList<string>) => new[] { "text" },
        _ when type == typeof(IReadOnlyList<FieldFault>) => new[] { new FieldFault("field", "text") },
        _ when type.IsEnum => Enum.GetValues(type).GetValue(0)!,
        _ => throw new NotSupportedException($"Say here what a {type} is."),
    };
}
