namespace Ear.Nodes;

/// <summary>Why an agent is refused; the door maps it to a status, and the agent acts on it (<see cref="AgentApi"/>).</summary>
public enum AgentFault
{
    /// <summary>The signature, the token or the clock is wrong.</summary>
    Unauthorized,

    /// <summary>The body cannot be read, or a sealed key does not open.</summary>
    Malformed,

    /// <summary>The token, or the key id, was used with another key before.</summary>
    AlreadyUsed,

    /// <summary>The node was removed: stop and forget.</summary>
    Removed,
    KeyNotFound,

    /// <summary>An authenticated answer said that the customer's key is invalid.</summary>
    KeyInvalid,

    /// <summary>No answer about the key could be had, or others saved first: try again.</summary>
    Unavailable,
}

/// <summary>An answer for an agent, or why there is none.</summary>
public readonly record struct AgentReply<T>(T? Value, AgentFault? Fault)
    where T : class
{
    public static implicit operator AgentReply<T>(T value) => new(value, null);

    public static implicit operator AgentReply<T>(AgentFault fault) => new(null, fault);
}
