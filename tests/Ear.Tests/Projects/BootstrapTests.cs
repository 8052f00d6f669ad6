using System.Text.Json;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Projects;

public sealed class BootstrapTests
{
    private readonly InMemoryStore store = new();
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task The_first_access_opens_its_project_and_may_make_others()
    {
        var first = await EnsureAsync();

        var key = (await store.FindApiKeyAsync(first.PublicKey, TestContext.Current.CancellationToken))!;
        Assert.Equal(ApiKeySecrets.Ha1(first.PublicKey, first.PrivateKey!), key.Ha1Md5);
        var account = (await store.FindServiceAccountAsync(first.ClientId, TestContext.Current.CancellationToken))!;
        Assert.Equal(ApiKeySecrets.SecretSha256(first.ClientSecret!), account.SecretSha256);
        var project = (await store.FindAsync(first.ProjectId, TestContext.Current.CancellationToken))!.Document;
        Assert.Equal(["owner@example.com"], project.OwnerEmails);
        foreach (var caller in new[] { Caller.Of(key), Caller.Of(account) })
        {
            Assert.Null(caller.Refused(project, Role.ProjectOwner));
            Assert.Null(caller.RefusedToCreateProjectsIn(first.OrgId));
        }
    }

    [Fact]
    public async Task A_second_start_finds_the_same_access_and_has_no_secrets_to_tell()
    {
        var first = await EnsureAsync();

        var second = await EnsureAsync();

        Assert.Equal(first with { PrivateKey = null, ClientSecret = null }, second);
    }

    [Fact]
    public async Task Lost_secrets_are_replaced_under_the_same_names()
    {
        var first = await EnsureAsync();

        var renewed = await EnsureAsync(renew: true);

        Assert.Equal((first.PublicKey, first.ClientId, first.ProjectId), (renewed.PublicKey, renewed.ClientId, renewed.ProjectId));
        Assert.NotEqual(first.PrivateKey, renewed.PrivateKey);
        Assert.Equal(ApiKeySecrets.Ha1(renewed.PublicKey, renewed.PrivateKey!), (await store.FindApiKeyAsync(first.PublicKey, TestContext.Current.CancellationToken))!.Ha1Md5);
    }

    [Fact]
    public async Task A_start_that_died_half_way_is_finished_by_the_next()
    {
        store.Fault = point =>
        {
            if (point is SavePoint.AfterCommit)
                throw new IOException("died");
        };
        await Assert.ThrowsAsync<IOException>(() => EnsureAsync());
        store.Fault = null;

        var access = await EnsureAsync();

        Assert.NotNull(access.PrivateKey);
        Assert.NotNull(access.ClientSecret);
        Assert.NotNull(await store.FindAsync(access.ProjectId, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_first_project_that_was_deleted_stays_deleted()
    {
        var first = await EnsureAsync();
        var stored = (await store.FindAsync(first.ProjectId, TestContext.Current.CancellationToken))!;
        await store.DeleteAsync(stored.Document, stored.Version, [], TestContext.Current.CancellationToken);

        var again = await EnsureAsync();

        Assert.Equal(first.ProjectId, again.ProjectId);
        Assert.Null(await store.FindAsync(first.ProjectId, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Its_secrets_do_not_get_into_a_log_line()
    {
        var first = await EnsureAsync();

        Assert.DoesNotContain(first.PrivateKey!, first.ToString());
        Assert.DoesNotContain(first.ClientSecret!, first.ToString());
        Assert.DoesNotContain(first.PrivateKey!, JsonSerializer.Serialize(await store.FindApiKeyAsync(first.PublicKey, TestContext.Current.CancellationToken), EarJson.Options));
    }

    private Task<FirstAccess> EnsureAsync(bool renew = false)
        => new Bootstrap(store, store, store, new SystemIds(time), time).EnsureAsync(["owner@example.com"], renew, TestContext.Current.CancellationToken);
}
