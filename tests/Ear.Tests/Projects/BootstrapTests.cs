using System.Text.Json;
using Ear.Alerts;
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

    [Fact]
    public async Task Who_asked_is_told_with_each_secret_that_was_made_and_without_it()
    {
        var first = await EnsureAsync(actor: "operator");
        await EnsureAsync(actor: "operator");
        await EnsureAsync(renew: true, actor: "operator");

        var told = (await store.ListAsync(first.ProjectId, EventFilter.All, 0, 100, TestContext.Current.CancellationToken)).Events.Select(e => e.Event).Reverse().ToList();

        Assert.Equal(["GROUP_CREATED", "API_KEY_CREATED", "SERVICE_ACCOUNT_CREATED", "API_KEY_SECRET_RENEWED", "SERVICE_ACCOUNT_SECRET_RENEWED"], told.Select(e => e.Type));
        Assert.All(told, e => Assert.Equal("operator", e.Actor));
        Assert.DoesNotContain(first.PrivateKey!, JsonSerializer.Serialize(told, EarJson.Options));
    }

    [Fact]
    public async Task Of_many_calls_at_once_the_secrets_that_are_told_are_those_that_work()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => EnsureAsync()));

        var key = Assert.Single(all, a => a.PrivateKey is not null);
        Assert.Equal(ApiKeySecrets.Ha1(key.PublicKey, key.PrivateKey!), (await store.FindApiKeyAsync(key.PublicKey, TestContext.Current.CancellationToken))!.Ha1Md5);
        Assert.Single(all, a => a.ClientSecret is not null);
    }

    private Task<FirstAccess> EnsureAsync(bool renew = false, string? actor = null)
    {
        var ids = new SystemIds(time);
        return new Bootstrap(store, store.ApiKeys, store.ServiceAccounts, store, new EventFactory(ids, time), ids).EnsureAsync(["owner@example.com"], renew, actor, TestContext.Current.CancellationToken);
    }
}
