using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Outcomes;
using Ear.Projects;
using Ear.Tests.Fakes;
using Ear.Tests.Scenarios;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Alerts.Webhooks;

/// <summary>What is kept of a webhook, where, and until when.</summary>
public sealed class WebhookAddressTests
{
    private const string Url = "https://hooks.example.com/T0/hidden-path?token=hidden-too";
    private const string OtherUrl = "https://hooks.example.com/T1/hidden-path";
    private const string Shown = "https://hooks.example.com/****";
    private const string Key = "not-a-real-key";
    private const string Hidden = "****";
    private static readonly AlertConfigId Id = AlertConfigId.FromValid(new string('1', 24));
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();
    private readonly Project _project = new(ProjectId.FromValid(new string('a', 24)), OrgId.FromValid(new string('b', 24)), "shop", new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly WebhookAddresses _addresses;
    private readonly AlertConfigs _configs;

    public WebhookAddressTests()
    {
        _addresses = new(_store, new CountingIds());
        _configs = new(_store, _addresses, new KeyAlerts(_store, _store, _time), new EventFactory(new CountingIds(), _time));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_holds_scheme_and_host_only_and_the_box_the_rest()
    {
        var config = await CreateAsync(Draft(Wish(Url, Key)));

        var target = Assert.Single(config.Notifications).Webhook!;
        Assert.Equal((Shown, true), (target.Shown, target.IsSigned));
        var text = JsonSerializer.Serialize(config, EarJson.Options) + config + string.Join("", _store.AllEvents);
        Assert.DoesNotContain("hidden", text);
        Assert.DoesNotContain(Key, text);
        Assert.Equal([target.SecretName], _store.KeptSecrets);
        Assert.Equal(new WebhookAddress(Url, Key), await _addresses.FindAsync(target.SecretName, Cancellation));
        Assert.Equal("(secret)", $"{await _addresses.FindAsync(target.SecretName, Cancellation)}");
    }

    [Theory]
    [InlineData("https://hooks.example.com:8443/a/b", "https://hooks.example.com:8443/****")]
    [InlineData("https://HOOKS.example.com", "https://hooks.example.com/****")]
    [InlineData("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/****")]
    [InlineData("https://hooks.example.com/?token=x#y", "https://hooks.example.com/****")]
    public void Of_an_address_scheme_and_host_are_shown(string url, string shown) => Assert.Equal(shown, new WebhookAddress(url, null).Shown);

    /// <summary>Terraform's provider sends the whole address each time.</summary>
    [Theory]
    [InlineData(Url, Key)]
    [InlineData(Shown, Hidden)]
    [InlineData(Shown, Key)]
    [InlineData(Url, Hidden)]
    public async Task A_replacement_with_what_it_was_or_as_it_was_shown_leaves_the_box_and_who_was_told(string url, string key)
    {
        var before = await CreateAsync(Draft(Wish(Url, Key)));
        var boxes = _store.KeptSecrets;

        var after = await ReplaceAsync(Draft(Wish(url, key)));

        Assert.Equal(before.Notifications[0], after.Notifications[0]);
        Assert.Equal(boxes, _store.KeptSecrets);
    }

    [Fact]
    public async Task Another_key_keeps_the_address_and_the_notifier_and_the_old_box_is_deleted()
    {
        var before = await CreateAsync(Draft(Wish(Url, Key)));

        var after = await ReplaceAsync(Draft(Wish(Shown, "another-key")));

        Assert.Equal(before.Notifications[0].NotifierId, after.Notifications[0].NotifierId);
        Assert.Equal(new WebhookAddress(Url, "another-key"), await AddressAsync(after));
        Assert.Single(_store.KeptSecrets);
        Assert.NotEqual(before.Notifications[0].Webhook!.SecretName, Assert.Single(_store.KeptSecrets));
    }

    [Fact]
    public async Task A_key_that_is_left_out_is_gone_for_a_replacement_is_whole()
    {
        await CreateAsync(Draft(Wish(Url, Key)));
        Assert.Equal(new WebhookAddress(Url, null), await AddressAsync(await ReplaceAsync(Draft(Wish(Shown, null)))));
    }

    [Fact]
    public async Task Another_address_on_the_same_host_is_another_receiver()
    {
        var before = await CreateAsync(Draft(Wish(Url, Key)));

        var after = await ReplaceAsync(Draft(Wish(OtherUrl, Hidden, before.Notifications[0].NotifierId)));

        Assert.NotEqual(before.Notifications[0].NotifierId, after.Notifications[0].NotifierId);
        Assert.Equal(new WebhookAddress(OtherUrl, Key), await AddressAsync(after));
        Assert.Single(_store.KeptSecrets);
    }

    [Fact]
    public async Task As_they_were_shown_two_of_one_host_are_told_apart_by_their_notifiers_or_their_places()
    {
        var before = await CreateAsync(Draft(Wish(Url, null), Wish(OtherUrl, null)));

        var swapped = await ReplaceAsync(Draft(Wish(Shown, null, before.Notifications[1].NotifierId), Wish(Shown, null, before.Notifications[0].NotifierId)));
        Assert.Equal([OtherUrl, Url], [(await AddressAsync(swapped, 0)).Url, (await AddressAsync(swapped, 1)).Url]);

        var same = await ReplaceAsync(Draft(Wish(Shown, null), Wish(Shown, null)));
        Assert.Equal([OtherUrl, Url], [(await AddressAsync(same, 0)).Url, (await AddressAsync(same, 1)).Url]);

        await RefusedAsync(Draft(Wish(Shown, null), Wish(Shown, null), Wish(Shown, null)), "notifications[2].webhookUrl");
    }

    [Fact]
    public async Task What_was_shown_of_nothing_that_is_kept_is_refused_and_keeps_nothing()
    {
        var refused = await _configs.CreateAsync(_project, Id, Draft(Wish(OtherUrl, null), Wish(Shown, Hidden)), "owner", Cancellation);
        Assert.Equal("notifications[1].webhookUrl", Assert.IsType<Problem.InvalidField>(refused.Problem).Field);
        Assert.Empty(_store.KeptSecrets);

        await CreateAsync(Draft(Wish(Url, null)));
        var everything = _store.Everything;
        await RefusedAsync(Draft(Wish("https://elsewhere.example.com/****", null)), "notifications[0].webhookUrl");
        await RefusedAsync(Draft(Wish(Shown, Hidden)), "notifications[0].webhookSecret");
        Assert.True(_store.IsUnchangedSince(everything));
    }

    [Fact]
    public async Task A_box_that_is_gone_cannot_be_meant()
    {
        var config = await CreateAsync(Draft(Wish(Url, null)));
        await _store.DeleteAsync(config.Notifications[0].Webhook!.SecretName, Cancellation);
        await RefusedAsync(Draft(Wish(Shown, null)), "notifications[0].webhookUrl");
        Assert.Equal(Url, (await AddressAsync(await ReplaceAsync(Draft(Wish(Url, null))))).Url);
    }

    [Fact]
    public async Task With_its_configuration_or_its_notification_an_address_is_forgotten()
    {
        await CreateAsync(Draft(Wish(Url, Key), Wish(OtherUrl, null)));
        await ReplaceAsync(Draft(Wish(OtherUrl, null)));
        Assert.Single(_store.KeptSecrets);
        await _configs.DeleteAsync(_project, Id, "owner", Cancellation);
        Assert.Empty(_store.KeptSecrets);
    }

    [Fact]
    public async Task With_a_default_that_somebody_takes_away_too()
    {
        var type = KeyNews.NetworkAccessDenied;
        var id = DefaultAlertConfigs.IdOf(_project.Id, type);
        Assert.True((await _configs.ReplaceAsync(_project, id, Draft(Wish(Url, Key)) with { Type = type }, "owner", Cancellation)).IsOk(out _, out _));
        Assert.Single(_store.KeptSecrets);
        Assert.True((await _configs.DeleteAsync(_project, id, "owner", Cancellation)).IsOk(out _, out _));
        Assert.Empty(_store.KeptSecrets);
        Assert.DoesNotContain(await _configs.ListAsync(_project, Cancellation), c => c.Id == id);
    }

    [Fact]
    public async Task A_save_that_conflicts_leaves_the_box_in_force_and_nothing_else()
    {
        var config = await CreateAsync(Draft(Wish(Url, Key)));
        var boxes = _store.KeptSecrets;
        var meanwhile = new MeanwhileSecrets(_store, async () => await _store.SaveAsync(config with { Enabled = false }, 1, [], Cancellation));
        var configs = new AlertConfigs(_store, new WebhookAddresses(meanwhile, new CountingIds()), new KeyAlerts(_store, _store, _time), new EventFactory(new CountingIds(), _time));

        Assert.IsType<Problem.Conflict>((await configs.ReplaceAsync(_project, Id, Draft(Wish(OtherUrl, null)), "owner", Cancellation)).Problem);
        Assert.Equal(boxes, _store.KeptSecrets);
    }

    /// <summary>What is left of a request that died is a box that is encrypted and named by nothing. A repeat of a creation writes the same one.</summary>
    [Theory]
    [InlineData(nameof(SavePoint.BeforeCommit))]
    [InlineData(nameof(SavePoint.AfterCommit))]
    public async Task A_creation_that_dies_and_is_repeated_has_its_boxes_and_no_others(string point)
    {
        _store.Fault = at =>
        {
            if ($"{at}" == point)
                throw new IOException("We died.");
        };
        await Assert.ThrowsAsync<IOException>(() => CreateAsync(Draft(Wish(Url, Key))));
        _store.Fault = null;

        var config = await CreateAsync(Draft(Wish(Url, Key)));
        Assert.Equal([config.Notifications[0].Webhook!.SecretName], _store.KeptSecrets);
        Assert.Equal(Url, (await AddressAsync(config)).Url);
    }

    [Fact]
    public async Task A_replacement_whose_answer_is_lost_never_leaves_a_configuration_without_its_box()
    {
        await CreateAsync(Draft(Wish(Url, Key)));
        foreach (var point in Enum.GetValues<SavePoint>())
        {
            _store.Fault = at =>
            {
                if (at == point)
                    throw new IOException("We died.");
            };
            await Assert.ThrowsAsync<IOException>(() => ReplaceAsync(Draft(Wish(OtherUrl, $"key-{point}"))));
            _store.Fault = null;
            var stored = (await ((IAlertConfigs)_store).FindAsync(_project.Id, Id, Cancellation))!.Document;
            Assert.Equal(point is SavePoint.AfterCommit ? OtherUrl : Url, (await AddressAsync(stored)).Url);
        }
    }

    private static WebhookWish Wish(string url, string? key, string? notifier = null) => new(new SecretText(url), key is null ? null : new SecretText(key), notifier);

    private static AlertConfigDraft Draft(params WebhookWish[] wishes)
        => new("AWS_ENCRYPTION_KEY_INVALID", true, [.. wishes.Select(_ => new AlertNotification("", Addressee.Webhook, 0))], null, null)
        {
            Webhooks = wishes.Index().ToImmutableDictionary(w => w.Index, w => w.Item),
        };

    private async Task<AlertConfig> CreateAsync(AlertConfigDraft draft) => (await _configs.CreateAsync(_project, Id, draft, "owner", Cancellation)).Value;

    private async Task<AlertConfig> ReplaceAsync(AlertConfigDraft draft) => (await _configs.ReplaceAsync(_project, Id, draft, "owner", Cancellation)).Value;

    private async Task RefusedAsync(AlertConfigDraft draft, string field)
        => Assert.Equal(field, Assert.IsType<Problem.InvalidField>((await _configs.ReplaceAsync(_project, Id, draft, "owner", Cancellation)).Problem).Field);

    private async Task<WebhookAddress> AddressAsync(AlertConfig config, int place = 0) => (await _addresses.FindAsync(config.Notifications[place].Webhook!.SecretName, Cancellation))!;

    /// <summary>Somebody acts right after something was put.</summary>
    private sealed class MeanwhileSecrets(InMemoryStore store, Func<Task> then) : Secrets.ISecrets
    {
        public Task<byte[]?> FindAsync(string name, CancellationToken cancellation) => store.FindAsync(name, cancellation);

        public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation) => store.GetOrCreateAsync(name, create, cancellation);

        public async Task PutAsync(string name, byte[] value, CancellationToken cancellation)
        {
            await store.PutAsync(name, value, cancellation);
            await then();
        }

        public Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation) => store.ChangeAsync(name, change, cancellation);

        public Task DeleteAsync(string name, CancellationToken cancellation) => store.DeleteAsync(name, cancellation);
    }
}
