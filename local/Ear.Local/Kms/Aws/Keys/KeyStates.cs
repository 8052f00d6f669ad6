namespace Ear.Local.Kms.Aws.Keys;

/// <summary>What an operation does with a key, as far as the key's state matters.</summary>
internal enum KeyUse
{
    Look,
    Cryptography,
    Enable,
    Disable,
    ScheduleDeletion,
    CancelDeletion,
    Rotate,
}

/// <summary>The key-state table of the AWS developer guide ("Key states of AWS KMS keys"): which use each state allows, and the exception otherwise.</summary>
internal static class KeyStates
{
    private static readonly Dictionary<KeyUse, KeyState[]> Allowed = new()
    {
        [KeyUse.Look] = Enum.GetValues<KeyState>(),
        [KeyUse.Cryptography] = [KeyState.Enabled, KeyState.Updating],
        [KeyUse.Enable] = [KeyState.Enabled, KeyState.Disabled],
        [KeyUse.Disable] = [KeyState.Enabled, KeyState.Disabled],
        [KeyUse.ScheduleDeletion] = [KeyState.Enabled, KeyState.Disabled, KeyState.PendingImport, KeyState.Unavailable],
        [KeyUse.CancelDeletion] = [KeyState.PendingDeletion],
        [KeyUse.Rotate] = [KeyState.Enabled],
    };

    public static void MustAllow(this KmsKey key, KeyUse use)
    {
        if (Allowed[use].Contains(key.State))
            return;
        if (use == KeyUse.CancelDeletion)
            throw new AwsRefusal("KMSInvalidStateException", $"{key.Arn} is not pending deletion.");
        throw key.State == KeyState.Disabled
            ? new AwsRefusal("DisabledException", $"{key.Arn} is disabled.")
            : new AwsRefusal("KMSInvalidStateException", $"{key.Arn} is {Words(key.State)}.");
    }

    private static string Words(KeyState state) => state switch
    {
        KeyState.PendingDeletion => "pending deletion",
        KeyState.PendingReplicaDeletion => "pending replica deletion",
        KeyState.PendingImport => "pending import",
        KeyState.Creating => "creating",
        KeyState.Updating => "updating",
        KeyState.Unavailable => "unavailable",
        _ => state.ToString(),
    };
}
