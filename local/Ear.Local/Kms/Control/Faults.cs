namespace Ear.Local.Kms.Control;

/// <summary>The faults of one simulated service. Kept in memory only: a restart clears them, so that no one debugs last week's experiment.</summary>
internal sealed class Faults
{
    private readonly Lock gate = new();
    private List<(FaultRule Rule, int Left)> rules = [];
    private volatile bool any;

    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (gate)
                return rules.ConvertAll(r => r.Rule with { Times = r.Rule.Times is null ? null : r.Left });
        }
    }

    public void Replace(IEnumerable<FaultRule> wanted)
    {
        lock (gate)
        {
            rules = [.. wanted.Select(r => (r, r.Times ?? 0))];
            any = rules.Count > 0;
        }
    }

    public void Add(FaultRule rule)
    {
        lock (gate)
        {
            rules.Add((rule, rule.Times ?? 0));
            any = true;
        }
    }

    /// <summary>The first rule that matches; a rule with a count is one nearer its end.</summary>
    public FaultRule? Take(string operation, IReadOnlyCollection<string> names)
    {
        // Every request of every client comes by here: without faults it does not queue.
        if (!any)
            return null;
        lock (gate)
        {
            var index = rules.FindIndex(r => r.Rule.Matches(operation, names));
            if (index < 0)
                return null;
            var (rule, left) = rules[index];
            if (rule.Times is not null && left == 1)
            {
                rules.RemoveAt(index);
                any = rules.Count > 0;
            }
            else if (rule.Times is not null)
                rules[index] = (rule, left - 1);
            return rule;
        }
    }
}
