using System.Reflection;
using System.Reflection.Emit;

namespace Ear.Functions.Tests.Worker;

/// <summary>
/// What orchestrators read back from a history: the T of each <c>GetInput&lt;T&gt;</c>, <c>CallActivityAsync&lt;T&gt;</c> and <c>CallSubOrchestratorAsync&lt;T&gt;</c>.
/// No signature shows it, so it is read from the code of an assembly, that of its async methods and lambdas included.
/// </summary>
internal static class OrchestratorCalls
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Reading = ["GetInput", "CallActivityAsync", "CallSubOrchestratorAsync"];

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value & 0xFFFF);

    public static IReadOnlyList<Type> ReadBack(Assembly assembly) =>
    [
        .. assembly.GetTypes().SelectMany(t => t.GetMethods(Declared).Cast<MethodBase>().Concat(t.GetConstructors(Declared)))
            .SelectMany(Calls).Where(Reads).Select(m => m.GetGenericArguments()[0]).Distinct().OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    private static bool Reads(MethodInfo called)
    {
        if (!called.IsGenericMethod || !Reading.Contains(called.Name) || called.DeclaringType!.Namespace is not "Microsoft.DurableTask")
            return false;
        return !called.GetGenericArguments()[0].IsGenericParameter
            ? true
            : throw new NotSupportedException($"A generic method calls {called.Name}: {nameof(OrchestratorCalls)} cannot see what for.");
    }

    private static IEnumerable<MethodInfo> Calls(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        var types = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            int value = code[at++];
            if (value == 0xFE)
                value = (value << 8) | code[at++];
            var operation = Codes[value];
            if (operation.OperandType is OperandType.InlineMethod && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), types, arguments) is MethodInfo called)
                yield return called;
            at += Size(operation.OperandType, code, at);
        }
    }

    private static int Size(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
