namespace Ear.Mongod.Replication;

/// <summary>The states of mongod's replSetGetStatus, with its numbers.</summary>
internal enum MemberState
{
    Startup = 0,
    Primary = 1,
    Secondary = 2,
    Recovering = 3,
    Startup2 = 5,
    Unknown = 6,
    Down = 8,
    Removed = 10,
}

internal static class MemberStates
{
    public static string Text(this MemberState state) => state == MemberState.Down ? "(not reachable/healthy)" : state.ToString().ToUpperInvariant();
}
