namespace Ear.Local.Host;

/// <summary>The app's functions, ready to run. Whatever makes functions run takes them from here.</summary>
internal sealed class FunctionRegistry(IReadOnlyList<FunctionInvoker> functions)
{
    private readonly Dictionary<string, FunctionInvoker> _byName = functions.ToDictionary(f => f.Function.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<FunctionInvoker> All { get; } = functions;

    /// <param name="bindingType">As <see cref="ITrigger.BindingType"/>.</param>
    public IReadOnlyList<FunctionInvoker> Of(string bindingType) =>
        [.. All.Where(f => f.Function.Trigger.BindingType == bindingType)];

    /// <summary>By name, without regard to case; null when there is none.</summary>
    public FunctionInvoker? Find(string name) => _byName.GetValueOrDefault(name);
}
