namespace Ear.Projects;

/// <summary>What a project's owners have promised about its backups (spec atlas-ear §2.8). Of the promises, this Ear can keep one.</summary>
/// <param name="Authorized">Who may be asked about it.</param>
/// <param name="EncryptionAtRestEnabled">R88: every cluster has customer key management, and keeps it.</param>
/// <param name="UpdatedBy">Public key, client id.</param>
public sealed record BackupCompliance(AuthorizedPerson Authorized, bool EncryptionAtRestEnabled, DateTimeOffset Updated, string UpdatedBy);

public sealed record AuthorizedPerson(string Email, string FirstName, string LastName);
