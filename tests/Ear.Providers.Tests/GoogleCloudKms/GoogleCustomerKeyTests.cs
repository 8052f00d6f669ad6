using System.Net;
using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Google.Iam;
using Ear.Providers.GoogleCloudKms;
using Google.Cloud.Kms.V1;
using Google.Protobuf.WellKnownTypes;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Providers.Tests.GoogleCloudKms;

/// <summary>What only Google has: versions with states of their own, service-account keys, perimeters.</summary>
public sealed class GoogleCustomerKeyTests
{
    private static readonly byte[] Secret = new byte[32];
    private static readonly KeyContext Context = KeyContext.ForCanary("0123456789abcdef01234567");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_configured_version_wraps_and_is_told_although_another_is_primary()
    {
        await using var world = await GoogleWorld.StartAsync();
        world.Rotate();

        var wrapped = await WrapAsync(world);

        Assert.Equal("1", wrapped.KeyVersion);
        Assert.Equal(world.Key.KeyIdentifier, $"{wrapped.KeyIdentifier}/cryptoKeyVersions/{wrapped.KeyVersion}");
    }

    [Fact]
    public async Task An_old_version_still_unwraps_after_rotation_and_a_new_one_wraps_next()
    {
        await using var world = await GoogleWorld.StartAsync();
        var old = await WrapAsync(world);
        world.Rotate();
        var rotated = world.GcpKey with { KeyIdentifier = GoogleWorld.VersionOf("orders", 2) };

        var wrapped = (await world.InTimeAsync(world.Provider.WrapAsync(rotated, Secret, Context, Stop))).Value!;

        Assert.Equal("2", wrapped.KeyVersion);
        Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(rotated, old, Context, Stop))).Value);
        Assert.Equal(Secret, (await world.InTimeAsync(world.Provider.UnwrapAsync(rotated, wrapped, Context, Stop))).Value);
    }

    [Fact]
    public async Task A_canarys_disabled_version_counts_although_the_primary_is_enabled()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Rotate();
        world.Force(State.Disabled, version: 1);

        Assert.Equal(InvalidReason.KeyDisabled, Invalid(await CheckAsync(world, canary)).Reason);
        Assert.Equal("DISABLED", (await CheckAsync(world, canary)).Facts.State);
    }

    [Fact]
    public async Task A_version_to_be_destroyed_tells_until_when_it_can_be_restored()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Force(State.DestroyScheduled);

        var check = await CheckAsync(world, canary);

        Assert.Equal(InvalidReason.KeyDeletedOrPendingDeletion, Invalid(check).Reason);
        Assert.Equal("DESTROY_SCHEDULED", check.Facts.State);
        Assert.Equal(world.Time.GetUtcNow() + TimeSpan.FromDays(30), check.Facts.DeletionDate!.Value, TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(world.Logged, l => l.Contains(canary.KeyIdentifier, StringComparison.Ordinal));

        world.Force(State.Destroyed);
        var gone = await CheckAsync(world, canary);
        Assert.Equal((InvalidReason.KeyDeletedOrPendingDeletion, "DESTROYED", null), (Invalid(gone).Reason, gone.Facts.State, gone.Facts.DeletionDate));
    }

    [Fact]
    public async Task A_refusal_without_a_state_is_explained_by_the_version()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.GoogleFaults.Add(new FaultRule { Operation = "Decrypt", Code = "FAILED_PRECONDITION", Message = "The request cannot be executed in the current system state." });
        world.Force(State.Disabled);

        Assert.Equal(InvalidReason.KeyDisabled, Invalid(await CheckAsync(world, canary)).Reason);

        world.PutPermissions(Roles.EncrypterDecrypter);
        Assert.Equal(UnknownReason.ProviderFault, Unknown(await CheckAsync(world, canary)).Reason);
    }

    [Fact]
    public async Task A_no_that_the_versions_own_state_contradicts_is_asked_again()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.GoogleFaults.Add(new FaultRule { Operation = "Decrypt", Code = "FAILED_PRECONDITION", Message = "v is not enabled, current state is: DISABLED.", Times = 1 });

        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);
    }

    [Fact]
    public async Task A_key_for_something_else_is_the_wrong_type()
    {
        await using var world = await GoogleWorld.StartAsync();
        world.AddKey("signing", new CryptoKey
        {
            Purpose = CryptoKey.Types.CryptoKeyPurpose.Mac,
            VersionTemplate = new CryptoKeyVersionTemplate { Algorithm = CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm.HmacSha256 },
        });

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.GcpKey with { KeyIdentifier = GoogleWorld.VersionOf("signing", 1) }, Secret, Context, Stop));

        Assert.Equal(InvalidReason.WrongKeyType, Assert.IsType<KeyVerdict.Invalid>(answer.Verdict).Reason);
    }

    [Fact]
    public async Task A_valid_key_costs_one_call_and_its_facts_one_more_an_hour()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        await CheckAsync(world, canary);
        world.Requests.Clear();

        var facts = (await CheckAsync(world, canary)).Facts;

        Assert.Equal(["Decrypt"], world.Requests.All().Select(r => r.Operation));
        Assert.Equal("ENABLED", facts.State);
        world.Time.Advance(TimeSpan.FromHours(1));
        await CheckAsync(world, canary);
        await CheckAsync(world, canary);
        Assert.Equal(1, world.Asked("GetCryptoKey"));
    }

    [Fact]
    public async Task Rotation_is_told()
    {
        await using var world = await GoogleWorld.StartAsync();
        var next = world.Time.GetUtcNow().AddDays(20);
        world.AddKey("rotated", new CryptoKey { RotationPeriod = Duration.FromTimeSpan(TimeSpan.FromDays(90)), NextRotationTime = Timestamp.FromDateTimeOffset(next) });
        var key = world.GcpKey with { KeyIdentifier = GoogleWorld.VersionOf("rotated", 1) };
        var canary = (await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop))).Value!;

        var facts = (await world.InTimeAsync(world.Provider.CheckAsync(key, canary, Context, Stop))).Facts;

        Assert.True(facts.Rotation!.Enabled);
        Assert.Null(facts.Rotation.Last);
        Assert.Equal(next, facts.Rotation.Next!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_account_that_may_use_and_not_look_is_enough_and_is_not_asked_to_look_each_time()
    {
        await using var world = await GoogleWorld.StartAsync();
        world.PutPermissions(Roles.EncrypterDecrypter);
        var canary = await WrapAsync(world);

        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);
        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);

        Assert.Equal(1, world.Asked("GetCryptoKey"));
        world.Force(State.Disabled);
        Assert.Equal(InvalidReason.KeyDisabled, Invalid(await CheckAsync(world, canary)).Reason);
    }

    [Fact]
    public async Task Many_checks_share_one_token_and_it_is_renewed_five_minutes_before_it_ends()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => CheckAsync(world, canary)));
        Assert.Equal(1, world.Asked("Token"));

        world.Time.Advance(TimeSpan.FromMinutes(50));
        await CheckAsync(world, canary);
        Assert.Equal(1, world.Asked("Token"));

        world.Time.Advance(TimeSpan.FromMinutes(6));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => CheckAsync(world, canary)));
        Assert.Equal(2, world.Asked("Token"));
    }

    [Fact]
    public async Task A_token_that_google_calls_invalid_is_replaced_once_and_the_check_goes_on()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.GoogleFaults.Add(new FaultRule { Operation = "Decrypt", Code = "UNAUTHENTICATED", Message = "Request had invalid authentication credentials.", Times = 1 });
        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);
        Assert.Equal(2, world.Asked("Token"));

        world.GoogleFaults.Add(new FaultRule { Operation = "Decrypt", Code = "UNAUTHENTICATED", Message = "Request had invalid authentication credentials." });
        Assert.Equal(InvalidReason.CredentialsInvalid, Invalid(await CheckAsync(world, canary)).Reason);
        Assert.Equal(3, world.Asked("Token"));
    }

    [Fact]
    public async Task A_key_that_was_removed_from_the_account_is_noticed_with_the_next_token()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Google.Accounts.RemoveKey(GoogleWorld.Account, KeyId(world));
        Assert.IsType<KeyVerdict.Valid>((await CheckAsync(world, canary)).Verdict);

        world.Time.Advance(TimeSpan.FromHours(1));

        var verdict = Invalid(await CheckAsync(world, canary));
        Assert.Equal(InvalidReason.CredentialsInvalid, verdict.Reason);
        Assert.Contains("Invalid JWT Signature.", verdict.Detail);
    }

    [Fact]
    public async Task A_deleted_account_is_noticed_at_once()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        world.Google.Accounts.Delete(GoogleWorld.Account);

        var verdict = Invalid(await CheckAsync(world, canary));

        Assert.Equal(InvalidReason.CredentialsInvalid, verdict.Reason);
        Assert.Contains("account not found", verdict.Detail);
    }

    [Fact]
    public async Task A_perimeter_is_not_the_keys_fault_and_its_identifier_is_told()
    {
        await using var world = await GoogleWorld.StartAsync();
        var canary = await WrapAsync(world);
        await world.BreakAsync("perimeter");

        var verdict = Unknown(await CheckAsync(world, canary));

        Assert.Equal(UnknownReason.NetworkAccessDenied, verdict.Reason);
        Assert.Contains("vpcServiceControlsUniqueIdentifier", verdict.Detail);
    }

    [Fact]
    public async Task An_address_in_a_customers_document_is_never_called()
    {
        using var trap = new HttpListener();
        var port = Trap(trap);
        await using var world = await GoogleWorld.StartAsync();
        var called = trap.GetContextAsync();

        foreach (var (field, value) in new[] { ("token_uri", $"http://127.0.0.1:{port}/token"), ("token_uri", "file:///etc/passwd"), ("type", "external_account"), ("type", "authorized_user") })
        {
            var document = JsonNode.Parse(world.Credential)!;
            document[field] = value;
            await world.PutCredentialAsync(document.ToJsonString());
            var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
            Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(answer.Verdict).Reason);
        }

        Assert.False(called.IsCompleted);
        Assert.Empty(world.Requests.All());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"type\":\"service_account\"")]
    [InlineData("{\"type\":\"service_account\",\"client_email\":\"a@b\",\"token_uri\":\"https://oauth2.googleapis.com/token\",\"private_key\":\"MARKER\"}")]
    public async Task A_document_that_is_no_key_is_refused_and_not_quoted(string json)
    {
        await using var world = await GoogleWorld.StartAsync();
        await world.PutCredentialAsync(json);

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));

        Assert.Equal(InvalidReason.CredentialsInvalid, Assert.IsType<KeyVerdict.Invalid>(answer.Verdict).Reason);
        Assert.DoesNotContain("MARKER", answer.Verdict.ToString());
        Assert.DoesNotContain(world.Logged, l => l.Contains("MARKER", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_credential_that_ears_store_has_not_is_our_fault()
    {
        await using var world = await GoogleWorld.StartAsync();
        await world.Store.DeleteAsync(GoogleWorld.SecretName, Stop);

        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(answer.Verdict).Reason);
    }

    [Fact]
    public async Task Ears_own_account_uses_a_key_that_lets_it_and_its_own_faults_are_ours()
    {
        await using var world = await GoogleWorld.StartAsync((w, o) => o.ServiceAccountKeyFile = w.Google.EarServiceAccountKeyFile);
        var key = world.GcpKey with { Access = new GcpAccess.ServiceAccount(world.Google.EarServiceAccount) };
        var denied = await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop));
        Assert.Equal(InvalidReason.PermissionDenied, Assert.IsType<KeyVerdict.Invalid>(denied.Verdict).Reason);

        world.Google.Policies.Grant(Ear.Local.Kms.Google.ResourceName.OfProject(Ear.Local.Kms.Google.GoogleService.CustomerProject), Roles.EncrypterDecrypter, world.Google.EarServiceAccount);
        var canary = (await world.InTimeAsync(world.Provider.WrapAsync(key, Secret, Context, Stop))).Value!;
        Assert.IsType<KeyVerdict.Valid>((await world.InTimeAsync(world.Provider.CheckAsync(key, canary, Context, Stop))).Verdict);

        world.Google.Accounts.SetDisabled(world.Google.EarServiceAccount, true);
        Assert.Equal(UnknownReason.OurFault, Unknown(await world.InTimeAsync(world.Provider.CheckAsync(key, canary, Context, Stop))).Reason);
    }

    [Fact]
    public void Settings_out_of_bounds_are_all_told_at_once()
    {
        var options = new GoogleCloudKmsOptions { Endpoint = new Uri("ftp://x"), TokenUri = new Uri("/token", UriKind.Relative), ServiceAccountKey = "{}", ServiceAccountKeyFile = "key.json", MaxTries = 9, MetadataCallsPerSecond = 0 };

        Assert.Equal(5, new GoogleCloudKmsOptionsCheck().Validate(null, options).Failures!.Count());
        Assert.True(new GoogleCloudKmsOptionsCheck().Validate(null, new GoogleCloudKmsOptions()).Succeeded);
        Assert.DoesNotContain("{}", options.ToString());
    }

    private static int Trap(HttpListener trap)
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        var port = ((IPEndPoint)socket.LocalEndpoint).Port;
        socket.Stop();
        trap.Prefixes.Add($"http://127.0.0.1:{port}/");
        trap.Start();
        return port;
    }

    private static string KeyId(GoogleWorld world) => JsonNode.Parse(world.Credential)!["private_key_id"]!.GetValue<string>();

    private static Task<KeyCheck> CheckAsync(GoogleWorld world, WrappedKey canary) => world.InTimeAsync(world.Provider.CheckAsync(world.Key, canary, Context, Stop));

    private static KeyVerdict.Invalid Invalid(KeyCheck check) => Assert.IsType<KeyVerdict.Invalid>(check.Verdict);

    private static KeyVerdict.Unknown Unknown(KeyCheck check) => Assert.IsType<KeyVerdict.Unknown>(check.Verdict);

    private static async Task<WrappedKey> WrapAsync(GoogleWorld world)
    {
        var answer = await world.InTimeAsync(world.Provider.WrapAsync(world.Key, Secret, Context, Stop));
        Assert.Equal(new KeyVerdict.Valid(), answer.Verdict);
        return answer.Value!;
    }
}
