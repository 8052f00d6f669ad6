using System.Text.Json;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Signing;

/// <param name="RoleId">Of the role as it was when assumed.</param>
/// <param name="Policy">Session policy as JSON; null: all that the role may do.</param>
internal sealed record Session(string AccessKeyId, string SecretAccessKey, string RoleName, string RoleId, string SessionName, string? Policy, DateTimeOffset Expires)
{
    public override string ToString() => $"Session {AccessKeyId} of {RoleName} until {Expires:O}";
}

/// <summary>Temporary credentials. The token holds the session, sealed: nothing to store, nothing to forget at a restart.</summary>
internal sealed class Sessions(Seal seal, Roles roles, ServiceClock clock)
{
    private const string Purpose = "aws-session-token";

    public (Session Session, string Token) Create(Role role, string sessionName, string? policy, TimeSpan duration)
    {
        var session = new Session(AwsNames.NewId("ASIA"), AwsNames.NewSecret(), role.Name, role.RoleId, sessionName, policy, clock.Now + duration);
        return (session, Convert.ToBase64String(seal.Close(Purpose, JsonSerializer.SerializeToUtf8Bytes(session))));
    }

    /// <returns>null when the token was not made here.</returns>
    public Session? Open(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && seal.Open(Purpose, bytes.AsSpan(0, length)) is { } json
            ? JsonSerializer.Deserialize<Session>(json)
            : null;
    }

    /// <returns>null when the role is gone, or another one has its name now.</returns>
    public RoleSession? CallerOf(Session session) =>
        roles.Find(session.RoleName) is { } role && role.RoleId == session.RoleId
            ? new RoleSession(role, session.SessionName, session.Policy is null ? null : Policy.Parse(session.Policy))
            : null;
}
