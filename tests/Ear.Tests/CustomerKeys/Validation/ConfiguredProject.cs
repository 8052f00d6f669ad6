using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Ear.Tests.Fakes;

namespace Ear.Tests.CustomerKeys.Validation;

/// <summary>A project with a working AWS key in a store.</summary>
internal static class ConfiguredProject
{
    public const string Key = "orders-key";

    public static readonly ProjectId Id = ProjectId.FromValid("aaaaaaaaaaaaaaaaaaaaaaaa");

    /// <summary>The key of a project other than the first.</summary>
    public static string KeyOf(ProjectId id) => $"key-of-{id}";

    public static async Task<Project> SaveAsync(InMemoryStore store, FakeCustomerKey key, TimeProvider time, ProjectId? id = null)
    {
        var keyId = id is { } other ? KeyOf(other) : Key;
        key.Create(keyId);
        var role = RoleId.FromValid("bbbbbbbbbbbbbbbbbbbbbbbb");
        var settings = new AwsKmsSettings(role, keyId, "US_EAST_1", RequirePrivateNetworking: false);
        var project = new Project(id ?? Id, OrgId.FromValid("cccccccccccccccccccccccc"), id is { } named ? $"payments {named}" : "payments", time.GetUtcNow())
        {
            OwnerEmails = ["owner@example.com"],
            AwsRoles = [new(role, "external", time.GetUtcNow(), time.GetUtcNow(), "arn:aws:iam::123456789012:role/ear")],
            EncryptionAtRest = EncryptionAtRest.Off with { Aws = settings },
        };
        var canary = await key.WrapAsync(project.KeyOf(KeyProvider.Aws)!, new byte[32], KeyContext.ForCanary(project.Id.Value), CancellationToken.None);
        project = project.With(KeyProvider.Aws, new KeyStanding(true, new KeyVerdict.Valid(), time.GetUtcNow(), canary.Value!, time.GetUtcNow()));
        await store.SaveAsync(project, 0, [], CancellationToken.None);
        return project;
    }
}
