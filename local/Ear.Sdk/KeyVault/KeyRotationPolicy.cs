#nullable disable

namespace Azure.Security.KeyVault.Keys;

/// <summary>What the vault does with a key by itself.</summary>
public class KeyRotationPolicy
{
    /// <summary>How long a new version lives, as an ISO 8601 duration.</summary>
    public string ExpiresIn { get; set; }

    public IList<KeyRotationLifetimeAction> LifetimeActions { get; } = [];
}

public class KeyRotationLifetimeAction
{
    public KeyRotationLifetimeAction(KeyRotationPolicyAction action) => Action = action;

    public KeyRotationPolicyAction Action { get; }

    /// <summary>ISO 8601 duration.</summary>
    public string TimeAfterCreate { get; set; }

    /// <summary>ISO 8601 duration.</summary>
    public string TimeBeforeExpiry { get; set; }
}
