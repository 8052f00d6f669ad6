using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>
/// What happens to a version and when (resources.proto, CryptoKeyVersionState; texts: spec kms §1.3). ENABLED and DISABLED change into each other;
/// both can be scheduled for destruction; until its time comes a scheduled one can be restored, and is DISABLED then. A destroyed one stays so.
/// The states of generation, import and external keys are left only by the service, here by <see cref="GoogleKeys.Force"/>.
/// </summary>
internal static class VersionStates
{
    public static StoredVersion SetState(StoredVersion version, string name, State wanted)
    {
        MustBe(version, name, State.Enabled, State.Disabled);
        return wanted is State.Enabled or State.Disabled
            ? version with { State = wanted }
            : throw GoogleRefusal.Invalid($"The state of a CryptoKeyVersion can be set to ENABLED or DISABLED, not to {Name(wanted)}.");
    }

    public static StoredVersion ScheduleDestruction(StoredVersion version, string name, DateTimeOffset at)
    {
        MustBe(version, name, State.Enabled, State.Disabled);
        return version with { State = State.DestroyScheduled, DestroyTime = at };
    }

    public static StoredVersion Restore(StoredVersion version, string name)
    {
        MustBe(version, name, State.DestroyScheduled);
        return version with { State = State.Disabled, DestroyTime = null };
    }

    /// <summary>The version as it is at that time; the same object when nothing came due.</summary>
    public static StoredVersion At(StoredVersion version, DateTimeOffset now) =>
        version is { State: State.DestroyScheduled, DestroyTime: { } due } && due <= now
            ? version with { State = State.Destroyed, DestroyTime = null, Destroyed = due, Sealed = null }
            : version;

    public static void MustBeEnabled(StoredVersion version, string name)
    {
        if (version.State != State.Enabled)
            throw GoogleRefusal.Precondition($"{name} is not enabled, current state is: {Name(version.State)}.");
    }

    /// <summary>As Google writes it: DESTROY_SCHEDULED.</summary>
    public static string Name(State state) => Wire.EnumName(state);

    private static void MustBe(StoredVersion version, string name, params ReadOnlySpan<State> allowed)
    {
        if (!allowed.Contains(version.State))
            throw GoogleRefusal.Precondition($"The request cannot be fulfilled. Resource {name} has value {Name(version.State)} in field crypto_key_version.state.");
    }
}
